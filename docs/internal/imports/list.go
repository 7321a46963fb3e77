package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

const module = "proxyherd/"

// node is a package, or a tree of them.
type node struct {
	name    string
	imports []string // others of these, sorted
	outside []string // modules that are not ours, by the last part of their names
}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

// list asks the go command what there is.
func list(root string) ([]node, error) {
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return fold(all), nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

// shownAs is the node that a package belongs to; "" if it is not shown.
func shownAs(path string) string {
	name, ours := strings.CutPrefix(path, module)
	switch {
	case !ours, strings.HasPrefix(name, "docs/"), strings.Contains(name, "/internal/conformance"),
		strings.Contains(name, "/internal/laws"), strings.Contains(name, "/internal/names"), strings.Contains(name, "/internal/oracle"),
		strings.Contains(name, "/internal/twins"):
		return ""
	case strings.HasPrefix(name, "reactor/internal/"):
		return "reactor/internal/..."
	case strings.HasPrefix(name, "herd/upstream/"):
		return "herd/upstream/..."
	case strings.HasPrefix(name, "herd/chaos/"):
		return "herd/chaos/..."
	}
	if tree, _, within := strings.Cut(name, "/internal/"); within {
		return tree
	}
	return name
}

// fold makes nodes of packages.
func fold(all []listed) []node {
	ours, outside := map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, p := range all {
		from := shownAs(p.ImportPath)
		if from == "" {
			continue
		}
		if ours[from] == nil {
			ours[from], outside[from] = map[string]bool{}, map[string]bool{}
		}
		for _, path := range p.Imports {
			if to := shownAs(path); to != "" && to != from {
				ours[from][to] = true
			} else if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
				outside[from][short(path)] = true
			}
		}
	}
	var nodes []node
	for name, imports := range ours {
		nodes = append(nodes, node{name, keys(imports), keys(outside[name])})
	}
	slices.SortFunc(nodes, func(a, b node) int { return strings.Compare(a.name, b.name) })
	return nodes
}

// short is what people call a module.
func short(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case strings.HasPrefix(path, "golang.org/x/"):
		return "x/" + parts[2]
	case strings.HasPrefix(path, "github.com/json-iterator/"):
		return "json-iterator"
	case strings.HasPrefix(path, "gonum.org/"):
		return "gonum"
	case strings.HasPrefix(path, "github.com/prometheus/"):
		return "prometheus"
	case len(parts) > 2:
		return strings.ToLower(parts[2])
	}
	return path
}

func keys(set map[string]bool) (sorted []string) {
	for key := range set {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	return sorted
}
