// Package peer knows the servers of bench/peers, which are the herd's in other
// languages: how each is started, what it needs, and what it does not do. It runs
// herds of them, of ours, and of both, as processes on free ports of loopback.
package peer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMissing is a runtime that this machine has not.
var ErrMissing = errors.New("not on this machine")

// Peer is a server in another language. It is started with --config and --name,
// reads the herd's own config file, and says nothing but in its log.
type Peer struct {
	Name    string // "twisted"
	What    string // for a reader
	Folder  string // in bench/peers
	Shared  string // a second folder that is part of it; "" for none
	Ext     string // of its source files
	Package string // of Debian's, that has what it needs

	runtime func() ([]string, error) // the program and its first arguments
	version []string                 // the arguments with which the program tells its version
	script  string                   // what is run: in Folder, or built from it
}

// All returns the servers in the order in which they are shown.
func All() []Peer {
	return []Peer{
		{Name: "twisted", What: "Twisted: LineReceiver, factories, Agent", Folder: "twisted", Shared: "pyherd", Ext: ".py",
			Package: "python3-twisted", runtime: twistedPython, version: []string{"-c", twistedVersion}, script: "server.py"},
		{Name: "asyncio", What: "Python 3.11: streams, task groups, a pool of threads for HTTP", Folder: "asyncio", Shared: "pyherd", Ext: ".py",
			Package: "python3", runtime: python, version: []string{"--version"}, script: "server.py"},
		{Name: "node", What: "Node.js 18: net, http", Folder: "node", Ext: ".js",
			Package: "nodejs", runtime: program("node"), version: []string{"--version"}, script: "server.js"},
		{Name: "java", What: "Java 17: java.nio and one loop, java.net.http", Folder: "java", Ext: ".java",
			Package: "openjdk-17-jdk-headless", runtime: java, version: []string{"-version"}, script: jar},
	}
}

// jar is what the server in Java is built as.
const jar = "server.jar"

// twistedVersion is a program that tells Twisted's version and Python's.
const twistedVersion = "import platform, twisted; print('Twisted %s on Python %s' % (twisted.__version__, platform.python_version()))"

// Named returns one of All.
func Named(name string) (Peer, bool) {
	for _, p := range All() {
		if p.Name == name {
			return p, true
		}
	}
	return Peer{}, false
}

// Program returns what starts a server of p with a config file: a program and its
// arguments. root is the module's directory, and built is where Build has put what must
// be built. The error wraps ErrMissing.
func (p Peer) Program(root, built string) (func(server, config string) []string, error) {
	args, err := p.runtime()
	if err != nil {
		return nil, fmt.Errorf("%s: %w; Debian's package for it is %s", p.Name, err, p.Package)
	}
	script := filepath.Join(root, "bench", "peers", p.Folder, p.script)
	if p.script == jar {
		script = filepath.Join(built, p.script)
	}
	return func(server, config string) []string {
		return slices.Concat(args, []string{script, "--config", config, "--name", server})
	}, nil
}

// Version is the command that tells the version of what p runs on, on its first line; nil
// where that is missing.
func (p Peer) Version() []string {
	args, err := p.runtime()
	if err != nil {
		return nil
	}
	return append(args[:1:1], p.version...)
}

// Ours returns what starts a server of the herd command, whose path is binary.
func Ours(binary string) func(server, config string) []string {
	return func(server, config string) []string { return []string{binary, "serve", server, "--config", config} }
}

// Build makes what p is run from in the directory built; nothing, for what is run
// from its source. The error wraps ErrMissing, or tells what the compiler said.
func (p Peer) Build(root, built string) error {
	if _, err := p.Program(root, built); err != nil || p.script != jar {
		return err
	}
	sources, err := filepath.Glob(filepath.Join(root, "bench", "peers", p.Folder, "*.java"))
	if err != nil || len(sources) == 0 {
		return fmt.Errorf("%s: no source found (%w)", p.Name, errors.Join(err, os.ErrNotExist))
	}
	classes, err := os.MkdirTemp("", "classes")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(classes) }() // a temporary directory
	if err := run("javac", append([]string{"--release", "17", "-Xlint:all", "-Werror", "-d", classes}, sources...)...); err != nil {
		return err
	}
	if err := os.MkdirAll(built, 0o755); err != nil {
		return err
	}
	return run("jar", "--create", "--file", filepath.Join(built, p.script), "--main-class", "Server", "-C", classes, ".")
}

func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// program finds a program of that name.
func program(name string, first ...string) func() ([]string, error) {
	return func() ([]string, error) {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("%s is %w", name, ErrMissing)
		}
		return append([]string{path}, first...), nil
	}
}

// java needs a compiler too. Its heap has a bound, as five may run on one machine.
func java() ([]string, error) {
	for _, tool := range []string{"javac", "jar"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s is %w", tool, ErrMissing)
		}
	}
	return program("java", "-Xmx1g", "-XX:+UseSerialGC", "-jar")()
}

// python is the first python3 of the path, which must be new enough.
func python() ([]string, error) {
	args, err := program("python3", "-B")()
	if err != nil {
		return nil, err
	}
	if exec.Command(args[0], "-c", "import asyncio; asyncio.TaskGroup").Run() != nil {
		return nil, fmt.Errorf("a python3 from 3.11 on is %w", ErrMissing)
	}
	return args, nil
}

// twistedPython is the interpreter that TWISTED_PYTHON names, or Debian's own:
// another python3 in the path has not Debian's packages.
func twistedPython() ([]string, error) {
	path := os.Getenv("TWISTED_PYTHON")
	if path == "" {
		path = "/usr/bin/python3"
	}
	if out, err := exec.Command(path, "-c", "import twisted.web.client").CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return nil, fmt.Errorf("%s has no Twisted: %w (%s)", path, ErrMissing, lines[len(lines)-1])
	}
	return []string{path, "-B"}, nil
}
