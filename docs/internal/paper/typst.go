package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// errForm is Markdown that a paper has no form for.
var errForm = errors.New("a paper has no form for this")

func parse(page []byte) ast.Node {
	return goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(page))
}

// picturesIn are the names of a page's pictures, in their order.
func picturesIn(page []byte) (names []string) {
	// The visitor returns no error, so that Walk has none.
	_ = ast.Walk(parse(page), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if image, ok := n.(*ast.Image); ok && entering {
			names = append(names, string(image.Destination))
		}
		return ast.WalkContinue, nil
	})
	return names
}

// inPoints is a picture that package plots has drawn for a page's width.
var inPoints = regexp.MustCompile(`<svg[^>]*\swidth="[\d.]+pt"`)

// widthOf is how wide a picture is set, over both columns. One that is not in points has
// larger letters, and so need not be as wide.
func widthOf(svg []byte) string {
	if inPoints.Match(svg) {
		return "100%"
	}
	return "82%"
}

// flat is a picture's name in one folder.
func flat(name string) string { return strings.ReplaceAll(path.Clean(name), "/", "-") }

// setter writes a page for Typst.
type setter struct {
	page   []byte
	widths map[string]string // of pictures
	out    strings.Builder
}

// typst is the paper as Typst reads it: the title and what stands before the first
// section go over both columns, the rest into them.
func (s source) typst() (string, error) {
	w := &setter{page: s.page, widths: map[string]string{}}
	for name, content := range s.pictures {
		w.widths[name] = widthOf(content)
	}
	fmt.Fprintf(&w.out, "%s\n#set document(date: none, keywords: (%s,))\n", template, quoted("sha256:"+s.sum()))
	n := parse(s.page).FirstChild()
	title, ok := n.(*ast.Heading)
	if !ok || title.Level != 1 {
		return "", fmt.Errorf("%w: a paper begins with its title", errForm)
	}
	heading, err := w.inline(title)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&w.out, "#set document(title: [%s])\n#head([%s], [\n", heading, heading)
	for n = n.NextSibling(); n != nil && n.Kind() != ast.KindHeading; n = n.NextSibling() {
		if err := w.block(n); err != nil {
			return "", err
		}
	}
	w.out.WriteString("])\n")
	for ; n != nil; n = n.NextSibling() {
		if after, done, err := w.numbered(n); err != nil {
			return "", err
		} else if done {
			n = after
			continue
		}
		if err := w.block(n); err != nil {
			return "", err
		}
	}
	return w.out.String(), nil
}

// references is the heading of a list with addresses, which are no good in lines that are
// all of one length.
const references = "References"

// block writes a block and what is in it.
func (w *setter) block(n ast.Node) error {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		return nil // comments: the marks of generated blocks
	case *ast.Heading:
		before := ""
		if string(n.Lines().Value(w.page)) == references {
			before = "#show: short-lines\n"
		}
		return w.lined(before+strings.Repeat("=", n.Level)+" ", n)
	case *ast.Paragraph, *ast.TextBlock:
		return w.lined("", n)
	case *ast.List:
		return w.list(n)
	case *ast.FencedCodeBlock:
		fmt.Fprintf(&w.out, "#raw(%s, block: true)\n\n", quoted(string(n.Lines().Value(w.page))))
		return nil
	case *east.Table:
		columns, err := w.table(n)
		fmt.Fprintf(&w.out, "%s\n", columns.text)
		return err
	}
	return fmt.Errorf("%w: %v", errForm, n.Kind())
}

func (w *setter) lined(before string, n ast.Node) error {
	text, err := w.inline(n)
	if err == nil && text != "" {
		fmt.Fprintf(&w.out, "%s%s\n\n", before, text)
	}
	return err
}

// list writes each item as a call, so that nothing depends on columns.
func (w *setter) list(n *ast.List) error {
	name := "list"
	if n.IsOrdered() {
		name = "enum"
	}
	w.out.WriteString("#" + name + "(")
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		w.out.WriteString("[")
		for part := item.FirstChild(); part != nil; part = part.NextSibling() {
			if err := w.block(part); err != nil {
				return err
			}
		}
		w.out.WriteString("],")
	}
	w.out.WriteString(")\n\n")
	return nil
}

// numbered writes a caption and the table or picture that follows it, if n is one: a
// paragraph that begins with an anchor. It returns the last node that it wrote.
func (w *setter) numbered(n ast.Node) (last ast.Node, done bool, err error) {
	if n.Kind() != ast.KindParagraph {
		return nil, false, nil
	}
	first, isHTML := n.FirstChild().(*ast.RawHTML)
	if !isHTML || anchorIn(first, w.page) == "" {
		return nil, false, nil
	}
	caption, err := w.inline(n)
	if err != nil {
		return nil, false, err
	}
	caption = fmt.Sprintf("#metadata(none) <%s> %s", anchorIn(first, w.page), caption)
	body := n.NextSibling()
	switch b := body.(type) {
	case *east.Table:
		t, err := w.table(b)
		fmt.Fprintf(&w.out, "#numbered(%t, true, [%s], [%s])\n", t.wide, caption, t.text)
		return body, true, err
	case *ast.FencedCodeBlock:
		right, ok := b.NextSibling().(*ast.FencedCodeBlock)
		if !ok {
			break
		}
		fmt.Fprintf(&w.out, "#numbered(true, false, [%s], [#listings(%s, %s)])\n", caption,
			quoted(string(b.Lines().Value(w.page))), quoted(string(right.Lines().Value(w.page))))
		return right, true, nil
	case *ast.Paragraph:
		if image, ok := b.FirstChild().(*ast.Image); ok {
			name := string(image.Destination)
			fmt.Fprintf(&w.out, "#numbered(true, false, [%s], [#image(%s, width: %s)])\n", caption, quoted(flat(name)), w.widths[name])
			return body, true, nil
		}
		text, err := w.inline(b)
		fmt.Fprintf(&w.out, "#numbered(false, true, [%s], [%s])\n", caption, text)
		return body, true, err
	}
	return nil, false, fmt.Errorf("%w: a caption without a table or a picture: %s", errForm, caption)
}

// quoted is a text as Typst's code has it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", "    ").Replace(text) + `"`
}
