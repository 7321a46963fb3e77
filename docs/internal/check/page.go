package main

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// page is one Markdown file.
type page struct {
	path    string // from the project's top, with slashes
	source  []byte
	anchors map[string]bool // that a link may lead to, without their #
	links   []link
	code    []code // commands may be in it
	spans   []code // code within a sentence
}

// link is a link or a picture.
type link struct {
	line       int
	text, dest string
}

// code is a block of code or a part of a sentence.
type code struct {
	line     int // of its first line
	language string
	text     string
	marker   string // of a block, what the comment before it says
}

var anchorInHTML = regexp.MustCompile(`(?:id|name)="([^"]+)"`)

// readPage finds what there is to check in a file.
func readPage(name string, source []byte) *page {
	p := &page{path: name, source: source, anchors: map[string]bool{}}
	for _, m := range anchorInHTML.FindAllSubmatch(source, -1) {
		p.anchors[string(m[1])] = true
	}
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	// The visitor returns no error, so that Walk has none.
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			p.visit(n)
		}
		return ast.WalkContinue, nil
	})
	return p
}

func (p *page) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		p.addAnchor(p.textOf(n))
	case *ast.Link:
		p.links = append(p.links, link{p.lineOf(n), p.textOf(n), string(n.Destination)})
	case *ast.Image:
		p.links = append(p.links, link{p.lineOf(n), p.textOf(n), string(n.Destination)})
	case *ast.FencedCodeBlock:
		p.addBlock(n, string(n.Language(p.source)))
	case *ast.CodeBlock:
		p.addBlock(n, "")
	case *ast.CodeSpan:
		p.spans = append(p.spans, code{line: p.lineOf(n), text: p.textOf(n)})
	}
}

func (p *page) addBlock(n ast.Node, language string) {
	lines := n.Lines()
	if lines.Len() == 0 {
		return
	}
	p.code = append(p.code, code{p.lineAt(lines.At(0).Start), language, string(lines.Value(p.source)), p.markerBefore(n)})
}

var comment = regexp.MustCompile(`^<!-- (.*?) -->\s*$`)

// markerBefore is what a comment in front of a block says; "" if there is none.
func (p *page) markerBefore(n ast.Node) string {
	before, isHTML := n.PreviousSibling().(*ast.HTMLBlock)
	if !isHTML {
		return ""
	}
	m := comment.FindSubmatch(before.Lines().Value(p.source))
	if m == nil {
		return ""
	}
	return string(m[1])
}

// addAnchor adds the name that a heading has for links, and a numbered one if
// there is a heading like it before.
func (p *page) addAnchor(heading string) {
	name := anchorOf(heading)
	for number := 1; p.anchors[name]; number++ {
		name = anchorOf(heading) + "-" + string(rune('0'+number))
	}
	p.anchors[name] = true
}

var dropped = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)

// anchorOf is a heading in the form that the usual hosts of Markdown give it.
func anchorOf(heading string) string {
	return strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// textOf is what a reader sees of a node, line breaks as blanks.
func (p *page) textOf(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(p.source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// lineOf is the line of the first text in a node; of one without any, that of the
// block around it.
func (p *page) lineOf(n ast.Node) int {
	at := -1
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering && at < 0 {
			at = t.Segment.Start
		}
		return ast.WalkContinue, nil
	})
	for at < 0 && n != nil {
		if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
			at = n.Lines().At(0).Start
		}
		n = n.Parent()
	}
	return p.lineAt(max(at, 0))
}

func (p *page) lineAt(offset int) int { return 1 + bytes.Count(p.source[:offset], []byte{'\n'}) }
