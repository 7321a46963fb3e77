package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

func set(t *testing.T, page string) string {
	t.Helper()
	text, err := source{page: []byte(page), pictures: map[string][]byte{"a/b.svg": []byte(`<svg width="453.5pt">`), "c.svg": []byte(`<svg>`)}}.typst()
	if err != nil {
		t.Fatalf("%q: %v", page, err)
	}
	_, text, _ = strings.Cut(text, "#head(")
	return text
}

func TestMarkdownIsSet(t *testing.T) {
	page := set(t, "# A title\n\n*Abstract.* Of `x_y` and [1].\n\n## 1. One\n\nA *b* **c** [d](https://e.org/f_g) [h](h.md) [Table 1](#i)<!-- claim: j -->\nk <https://l.org>.\n\n"+
		"- m\n- n `o p`\n\n1. p \\*\n\n```\nq \"r\"\n```\n\n<!-- figures: s -->\n\n<a id=\"i\"></a>\n**Table 1.** T.\n\n| u | v |\n|---|---:|\n| w | 1 |\n\n<!-- /figures -->\n\n"+
		"<a id=\"x\"></a>\n**Figure 1.** Y.\n\n![z](a/b.svg)\n\n<a id=\"c\"></a>\n**Figure 2.** Y.\n\n![z](c.svg)\n\n<a id=\"n\"></a>\n**Table 2.** N.\n\n*Nothing.*\n\n<a id=\"l\"></a>\n**Figure 3.** L.\n\n```go\na\n```\n\n```go\nb\n```\n\n## References\n\nR.\n")
	for _, want := range []string{
		"[A title], [\n#emph[Abstract.]; Of #raw(\"x_y\"); and \\[1\\].\n\n])\n",
		"== 1. One\n",
		`A #emph[b]; #strong[c]; #link("https://e.org/f_g")[d]; h #link(<i>)[Table 1]; k #link("https://l.org")[https:\/\/l.org];.`,
		"#list([m\n\n],[n #box[#raw(\"o p\");];\n\n],)\n", "#enum([p \\*\n\n],)\n", "#show: short-lines\n== References\n", `#raw("q \"r\"\n", block: true)`,
		"#numbered(false, true, [#metadata(none) <i>  #strong[Table 1.]; T.], [#booktabs((auto, auto,), (left, right,), [#strong[u]], [#strong[v]], table.hline(stroke: 0.4pt), [w], [1])])\n",
		`[#image("a-b.svg", width: 100%)]`, `[#image("c.svg", width: 82%)]`,
		"#strong[Table 2.]; N.], [#emph[Nothing.];])\n",
		`#strong[Figure 3.]; L.], [#listings("a\n", "b\n")])`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("this is missing:\n%s\nin:\n%s", want, page)
		}
	}
	if strings.Contains(page, "claim") || strings.Contains(page, "figures:") {
		t.Errorf("comments are set:\n%s", page)
	}
}

func TestWidthsOfTables(t *testing.T) {
	for _, c := range []struct {
		longest []int
		columns string
		wide    bool
	}{
		{[]int{10, 20, 20}, "auto auto auto", false},
		{[]int{50, 10, 10}, "50fr auto auto", false},
		{[]int{50, 20, 20}, "auto auto auto", true},
		{[]int{90, 30, 30, 5}, "90fr 30fr 30fr auto", true},
		{[]int{200, 30, 10}, "96fr 30fr auto", true},
	} {
		columns, wide := widths(c.longest)
		if got := strings.Join(columns, " "); got != c.columns || wide != c.wide {
			t.Errorf("%v: %s, over both columns %t; want %s, %t", c.longest, got, wide, c.columns, c.wide)
		}
	}
}

func TestWhatAPaperHasNoFormFor(t *testing.T) {
	for _, page := range []string{"No title.\n", "# T\n\n## S\n\n> quoted\n", "# T\n\n## S\n\n![in a line](c.svg) of text\n", "# T\n\n## S\n\n<a id=\"i\"></a>\n**Table 1.** T.\n\n- a list\n"} {
		if _, err := (source{page: []byte(page)}).typst(); !errors.Is(err, errForm) {
			t.Errorf("%q: %v", page, err)
		}
	}
}

func TestWithoutTypstItIsSaidWhatToDo(t *testing.T) {
	if err := run("none.md", ".", "none.pdf", t.TempDir()); !errors.Is(err, errNoTypst) {
		t.Error(err)
	}
}

// The paper that is kept is the page that is kept.
func TestThePaperIsMadeOfThePage(t *testing.T) {
	made, err := madeOf("../../report.md", "../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(made.pictures) == 0 {
		t.Error("the report has no pictures")
	}
	pdf, err := os.ReadFile("../../report.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(pdf, []byte("sha256:"+made.sum())) {
		t.Error("docs/report.pdf was made of another docs/report.md, or of other pictures: make report sets it anew")
	}
}
