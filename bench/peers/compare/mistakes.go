package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"proxyherd/bench/peers/tables"
)

// checker is what looks at a program before it runs: the language's own compiler, or
// its check of the form where it has no other.
type checker struct {
	name    string // of the column
	file    string
	command func(file string) []string
	around  string // %s is the mistake
}

var checkers = []checker{
	{"Python: `py_compile`", "m.py", func(f string) []string { return []string{"python3", "-m", "py_compile", f} }, "%s\n"},
	{"JavaScript: `node --check`", "m.js", func(f string) []string { return []string{"node", "--check", f} }, "'use strict';\n%s\n"},
	{"Java: `javac -Xlint:all -Werror`", "M.java", func(f string) []string {
		return []string{"javac", "-Xlint:all", "-Werror", "-d", filepath.Dir(f), f}
	}, "class M {\n%s\n}\n"},
	{"Go: `go vet`", "main.go", func(f string) []string { return []string{"go", "vet", f} }, "package main\n\n%s\n\nfunc main() {}\n"},
}

// mistake is one, in the order of checkers.
type mistake struct {
	what string
	code [4]string
}

var mistakes = []mistake{
	{"a text where bytes belong", [4]string{
		"def f(t):\n    t.write(u'text')\nclass T:\n    def write(self, b: bytes): pass\nf(T())",
		"class T { /** @param {Buffer} b */ write(b) {} }\nnew T().write('text');",
		"static void write(byte[] b) {}\nstatic void f() { write(\"text\"); }",
		"func write([]byte) {}\nfunc f() { write(\"text\") }\nvar _ = f"}},
	{"a misspelt method", [4]string{
		"class T:\n    def write(self, b): pass\ndef f():\n    T().wirte(b'')",
		"class T { write(b) {} }\nconst f = () => new T().wirte('');",
		"void write(String b) {}\nvoid f() { this.wirte(\"\"); }",
		"type t struct{}\nfunc (t) write() {}\nfunc f() { t{}.wirte() }\nvar _ = f"}},
	{"a callback's name misspelt, so that nobody calls it", [4]string{
		"class Protocol:\n    def lineReceived(self, line): raise NotImplementedError\nclass Mine(Protocol):\n    def lineRecieved(self, line): pass\np = Mine()",
		"class Protocol { lineReceived() { throw new Error(); } }\nclass Mine extends Protocol { lineRecieved() {} }\nnew Mine();",
		"interface Protocol { void lineReceived(String line); }\nstatic final class Mine implements Protocol { @Override public void lineRecieved(String line) {} }",
		"type Protocol interface{ LineReceived([]byte) error }\ntype mine struct{}\nfunc (mine) LineRecieved([]byte) error { return nil }\nvar _ Protocol = mine{}"}},
	{"an argument that was forgotten", [4]string{
		"def ask(query, timeout): pass\ndef f(): ask('q')",
		"function ask(query, timeout) {}\nconst f = () => ask('q');",
		"static void ask(String query, int timeout) {}\nstatic void f() { ask(\"q\"); }",
		"func ask(string, int) {}\nfunc f() { ask(\"q\") }\nvar _ = f"}},
	{"a variable that is not there", [4]string{
		"def f():\n    return nothing",
		"const f = () => nothing;",
		"static int f() { return nothing; }",
		"func f() int { return nothing }\nvar _ = f"}},
	{"an error that a call can give, unseen", [4]string{
		"def f():\n    open('/nonexistent')",
		"const f = () => require('node:fs').readFileSync('/nonexistent');",
		"static void f() { java.nio.file.Files.readString(java.nio.file.Path.of(\"/nonexistent\")); }",
		"func read() error { return nil }\nfunc f() { read() }\nvar _ = f"}},
	{"a result that is not waited for", [4]string{
		"async def ask(): return 1\nasync def f(): return ask() + 1",
		"const ask = async () => 1;\nconst f = async () => ask() + 1;",
		"static java.util.concurrent.CompletableFuture<Integer> ask() { return null; }\nstatic int f() { return ask() + 1; }",
		"func ask() chan int { return nil }\nfunc f() int { return ask() + 1 }\nvar _ = f"}},
	{"nothing where something is needed", [4]string{
		"def f(s: str):\n    return len(s)\ndef g(): return f(None)",
		"const f = (s) => s.length;\nconst g = () => f(null);",
		"static int f(String s) { return s.length(); }\nstatic int g() { return f(null); }",
		"type t struct{ n int }\nfunc f(p *t) int { return p.n }\nfunc g() int { return f(nil) }\nvar _ = g"}},
}

// mistakesTable shows each mistake to each language's own checker. Without a mistake
// none of them may complain, or what it says of one means nothing.
func mistakesTable(string) (string, error) {
	rows := [][]string{{"before it runs"}}
	for i, c := range checkers {
		rows[0] = append(rows[0], c.name)
		if ok, out, err := c.accepts(""); err != nil || !ok {
			return "", fmt.Errorf("%s, on a program without a mistake: %w\n%s", checkers[i].name, err, out)
		}
	}
	for _, m := range mistakes {
		row := []string{m.what}
		for i, c := range checkers {
			ok, _, err := c.accepts(m.code[i])
			if err != nil {
				return "", err
			}
			row = append(row, map[bool]string{true: "passes", false: "**found**"}[ok])
		}
		rows = append(rows, row)
	}
	return tables.Table(rows), nil
}

// accepts runs the checker on a program.
func (c checker) accepts(code string) (ok bool, out []byte, err error) {
	dir, err := os.MkdirTemp("", "mistake")
	if err != nil {
		return false, nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	file := filepath.Join(dir, c.file)
	if err := os.WriteFile(file, fmt.Appendf(nil, c.around, code), 0o600); err != nil {
		return false, nil, err
	}
	args := c.command(file)
	command := exec.Command(args[0], args[1:]...)
	command.Dir = dir
	out, err = command.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return false, out, nil
	}
	return err == nil, out, err
}
