package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mirrored are the modules whose every public name the map accounts for, in the
// order of the map.
var mirrored = []string{
	"twisted/internet/protocol.py",
	"twisted/internet/interfaces.py",
	"twisted/internet/base.py",
	"twisted/internet/tcp.py",
	"twisted/internet/abstract.py",
	"twisted/internet/posixbase.py",
	"twisted/internet/epollreactor.py",
	"twisted/internet/default.py",
	"twisted/internet/error.py",
	"twisted/internet/address.py",
	"twisted/internet/defer.py",
	"twisted/internet/task.py",
	"twisted/internet/threads.py",
	"twisted/internet/endpoints.py",
	"twisted/protocols/basic.py",
	"twisted/protocols/policies.py",
	"twisted/protocols/loopback.py",
	"twisted/python/threadpool.py",
	"twisted/python/failure.py",
	"twisted/application/service.py",
	"twisted/application/internet.py",
	"twisted/test/proto_helpers.py",
}

// index is what the modules define: in their order, and in each that of its
// lines.
type index []entry

const indexHeader = "module\tline\tname\tkind\tbases"

// scanSource makes the index of a checkout of Twisted.
func scanSource(dir string, modules []string) (index, error) {
	var all index
	for _, module := range modules {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(module)))
		if err != nil {
			return nil, fmt.Errorf("reading Twisted's source, which -source must name: %w", err)
		}
		entries, err := scan(module, text)
		if err != nil {
			return nil, err
		}
		// A del or a second platform may leave them out of order.
		slices.SortStableFunc(entries, func(a, b entry) int { return a.line - b.line })
		all = append(all, entries...)
	}
	return all, nil
}

// text is the index as a table; the same index gives the same bytes.
func (x index) text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, indexHeader)
	for _, e := range x {
		fmt.Fprintln(&b, e.row())
	}
	return b.Bytes()
}

func (e entry) row() string {
	return strings.Join([]string{e.module, strconv.Itoa(e.line), e.name, e.kind, e.bases}, "\t")
}

// readIndex reads what text wrote.
func readIndex(files fs.FS, path string) (index, error) {
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return nil, fmt.Errorf("reading the index of names: %w", err)
	}
	var x index
	for i, row := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		if i == 0 {
			if row != indexHeader {
				return nil, fmt.Errorf("%s:1: the header is %q, want %q", path, row, indexHeader)
			}
			continue
		}
		f := strings.Split(row, "\t")
		if len(f) != strings.Count(indexHeader, "\t")+1 {
			return nil, fmt.Errorf("%s:%d: %d fields, want those of the header", path, i+1, len(f))
		}
		line, err := strconv.Atoi(f[1])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: the line: %w", path, i+1, err)
		}
		x = append(x, entry{f[0], line, f[2], f[3], f[4]})
	}
	return x, nil
}

// at are the names that a module defines in a line.
func (x index) at(module string, line int) (names []string) {
	for _, e := range x {
		if e.module == module && e.line == line {
			names = append(names, e.name)
		}
	}
	return names
}

// linesOf are where a module defines name; of a name without its class too.
func (x index) linesOf(module, name string) (lines []int) {
	for _, e := range x {
		if e.module == module && (e.name == name || strings.HasSuffix(e.name, "."+name)) {
			lines = append(lines, e.line)
		}
	}
	return lines
}

// public are the entries that users of Twisted meet: without a name of a leading
// underscore, save that the members of a private class count where a public
// class inherits them.
func (x index) public() (entries []entry) {
	inherited := x.inherited()
	for _, e := range x {
		class, member, isMember := strings.Cut(e.name, ".")
		switch {
		case isMember && isPrivate(class) && !inherited[class]:
		case isMember && isPrivate(member), !isMember && isPrivate(class):
		default:
			entries = append(entries, e)
		}
	}
	return entries
}

// inherited are the classes that a public class has among its bases, and theirs.
func (x index) inherited() map[string]bool {
	all := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for _, e := range x {
			if e.kind != kindClass || isPrivate(e.name) && !all[e.name] {
				continue
			}
			for _, base := range strings.Split(e.bases, ",") {
				base = base[strings.LastIndex(base, ".")+1:]
				if !all[base] {
					all[base], grown = true, true
				}
			}
		}
	}
	return all
}

// isPrivate reports whether a name, or one within it, begins with an underscore.
func isPrivate(name string) bool {
	return strings.HasPrefix(name, "_") || strings.Contains(name, "._")
}
