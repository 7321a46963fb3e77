package marks

import (
	"maps"
	"testing"
)

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		name, text     string
		lines, changed map[string]int
	}{
		{"before the first mark it is rest", "import a\n\n# -- log --\nb()\n# no code\nc()\n", map[string]int{Rest: 1, "log": 2}, nil},
		{"comments in blocks are none", "/** One\n * two.\n */\nint a;\n/* b */\n// -- flood --\nint c;\n", map[string]int{Rest: 1, "flood": 1}, nil},
		{"so are Python's", "\"\"\"One line.\"\"\"\n\"\"\"Two\n\nlines.\"\"\"\na = 1\n", map[string]int{Rest: 1}, nil},
		{"a mark behind a line is of that line", "a()\n  b();  // -- fence --\nc()\n", map[string]int{Rest: 2, "fence": 1}, nil},
		{"behind another comment too", "# -- log --\na()  # for b  # -- fence --\n", map[string]int{"fence": 1}, nil},
		{"what is changed stays what it was", "# -- log --\na()  # -- fence: changed --\nb()\n", map[string]int{"log": 2}, map[string]int{"fence": 1}},
	} {
		got := NewCounts()
		got.Add(c.text)
		if !maps.Equal(got.Lines, c.lines) || !maps.Equal(got.Changed, c.changed) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestSum(t *testing.T) {
	c := NewCounts()
	c.Add("a()\n# -- log --\nb()\n")
	c.Add("c()\n")
	if c.Sum() != 3 || c.Lines[Rest] != 2 {
		t.Errorf("%v, in all %d", c, c.Sum())
	}
}
