package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestScan reads modules of one kind of statement each. An entry is shown as
// line, name, kind and bases.
func TestScan(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"classes, methods and functions", "class A:\n  def f(self): pass\n  class B(A, x.C):\n    def g(self): pass\ndef h(): pass\n",
			[]string{"1 A class", "2 A.f method", "3 A.B class A,x.C", "4 A.B.g method", "5 h function"}},
		{"what is in a function is its own", "def f():\n  x = 1\n  def g(): pass\n  class C: pass\ny = 2\n",
			[]string{"1 f function", "5 y variable"}},
		{"assignments", "a = b = 1\nc, (d, e) = x\nf.g = 1\nh[0] = 1\ni == 1\nj += 1\n",
			[]string{"1 a variable", "1 b variable", "2 c variable", "2 d variable", "2 e variable"}},
		{"what is assigned again is no new name", "class A:\n  x = 1\n  x = 2\n  def f(self): pass\n  f = deco(f)\n",
			[]string{"1 A class", "2 A.x attribute", "4 A.f method"}},
		{"a definition for each of two platforms", "if a:\n  def f(): pass\nelse:\n  def f(): pass\n  x = 1\n",
			[]string{"2 f function", "4 f function", "5 x variable"}},
		{"attributes that __init__ sets", "class A:\n  x = 1\n  def __init__(self):\n    if y:\n      self.x, self.z = 2, 3\n    other.w = y = 1\n  def f(self):\n    self.u = 1\n",
			[]string{"1 A class", "2 A.x attribute", "3 A.__init__ method", "5 A.z attribute", "7 A.f method"}},
		{"loops make no names that it sees", "for a in b:\n  c = 1\nd = 2\n", []string{"3 d variable"}},
		{"what is deleted is gone", "a = 1\nb = 2\nclass C:\n  b = 1\ndel a, b\n", []string{"3 C class", "4 C.b attribute"}},
		{"strings hide what is in them", "a = 'def f(): pass'\n'''\nclass A:\n  \\'''\n'''\nb = \"\"\"\ndef g(): #\"\"\"\n# c = 1\nd = '#'; e = 1\n",
			[]string{"1 a variable", "6 b variable", "9 d variable"}},
		{"lines that go on", "def f(a,\n      b=1): pass\nx = [\n  1,\n]\ny \\\n  = 1\nclass A(\n    B,\n    C): pass\n",
			[]string{"1 f function", "3 x variable", "6 y variable", "8 A class B,C"}},
		{"tabs go to a multiple of eight", "class A:\n\tx = 1\n        y = 2\nz = 3\n", []string{"1 A class", "2 A.x attribute", "3 A.y attribute", "4 z variable"}},
		{"a word that only begins like a statement", "classes = 1\ndefault = 2\ndeleted = 3\nfortune = 4\n",
			[]string{"1 classes variable", "2 default variable", "3 deleted variable", "4 fortune variable"}},
		{"a file without an end of line", "a = 1 # the end", []string{"1 a variable"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, err := scan("twisted/fruit.py", []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, strings.TrimSpace(fmt.Sprint(e.line, " ", e.name, " ", e.kind, " ", e.bases)))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("it has\n%q, want\n%q", got, test.want)
			}
		})
	}
}

func TestScanSaysWhereAStringHasNoEnd(t *testing.T) {
	_, err := scan("twisted/fruit.py", []byte("a = 1\nb = '''\n"))
	if err == nil || !strings.Contains(err.Error(), "twisted/fruit.py: in the statement of line 2") {
		t.Errorf("of a string without an end it says: %v", err)
	}
}

// TestPublic tells the names that users meet from the others.
func TestPublic(t *testing.T) {
	entries, err := scan("twisted/fruit.py", []byte(`
class _Skin(_Peel):
  def peel(self): pass
  def _cut(self): pass
class _Peel:
  thickness = 1
class Pear(mixins._Skin):
  def __init__(self):
    self.size = 1
    self._ripe = 0
class _Worm(Pear):
  def eat(self): pass
_x = 1
y = 2
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range index(entries).public() {
		got = append(got, e.name)
	}
	want := []string{"_Skin.peel", "_Peel.thickness", "Pear", "Pear.size", "y"}
	if !slices.Equal(got, want) {
		t.Errorf("public are %q, want %q", got, want)
	}
}
