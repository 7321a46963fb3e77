package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

var anchor = regexp.MustCompile(`^<a id="([a-z-]+)">$`)

// anchorIn is the name that a piece of HTML gives a place; "" if it gives none.
func anchorIn(n *ast.RawHTML, page []byte) string {
	m := anchor.FindSubmatch(n.Segments.Value(page))
	if m == nil {
		return ""
	}
	return string(m[1])
}

// inline is what stands in a node, as Typst's markup.
func (w *setter) inline(n ast.Node) (string, error) {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		text, err := w.part(c)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (w *setter) part(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.Text:
		text := escaped(string(util.UnescapePunctuations(n.Value(w.page))))
		if n.SoftLineBreak() {
			text += " "
		}
		return text, nil
	case *ast.RawHTML:
		return "", nil // an anchor, or a claim
	case *ast.CodeSpan:
		var code strings.Builder
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				code.Write(t.Value(w.page))
			}
		}
		return raw(strings.ReplaceAll(code.String(), "\n", " ")), nil
	case *ast.Emphasis:
		inner, err := w.inline(n)
		if n.Level > 1 {
			return "#strong[" + inner + "];", err
		}
		return "#emph[" + inner + "];", err
	case *ast.AutoLink:
		address := string(n.URL(w.page))
		return fmt.Sprintf("#link(%s)[%s];", quoted(address), escaped(breakable(address))), nil
	case *ast.Link:
		return w.link(n)
	}
	return "", fmt.Errorf("%w: %v", errForm, n.Kind())
}

// oneLine is up to which length a command stays on one line.
const oneLine = 12

func raw(code string) string {
	text := "#raw(" + quoted(breakable(code)) + ");"
	if strings.Contains(code, " ") && len(code) <= oneLine {
		return "#box[" + text + "];"
	}
	return text
}

// link leads to the web, or within the paper. A link to another page of the project is
// its text alone, as paper has no such page.
func (w *setter) link(n *ast.Link) (string, error) {
	inner, err := w.inline(n)
	to := string(n.Destination)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(to, "https://"), strings.HasPrefix(to, "http://"):
		return fmt.Sprintf("#link(%s)[%s];", quoted(to), inner), nil
	case strings.HasPrefix(to, "#"):
		return fmt.Sprintf("#link(<%s>)[%s];", to[1:], inner), nil
	}
	return inner, nil
}

var special = regexp.MustCompile("[\\\\#$*_`<>@\\[\\]~/=+-]")

// escaped is a text in which nothing is markup.
func escaped(text string) string { return special.ReplaceAllString(text, `\$0`) }

// longWord is code that must be able to go over the end of a narrow line.
const longWord = 16

var joint = regexp.MustCompile(`([/_-])(\w)`)

// breakable lets a line end within long words: behind what joins their parts, an
// invisible blank.
func breakable(code string) string {
	if len(code) <= longWord || strings.Contains(code, " ") {
		return code
	}
	return joint.ReplaceAllString(code, "$1\u200b$2")
}
