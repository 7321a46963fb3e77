package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// A small world in which everything holds: an index, a package and two pages.
const (
	goodIndex = indexHeader + `
twisted/fruit.py	3	Pear	class	
twisted/fruit.py	5	Pear.isRipe	method	
twisted/fruit.py	7	Pear._cut	method	
twisted/fruit.py	9	_Skin	class	
twisted/fruit.py	10	_Skin.peel	method	
twisted/fruit.py	12	Apple	class	_Skin
twisted/fruit.py	14	grow	function	
twisted/fruit.py	16	RottenError	class	Exception
twisted/fruit.py	18	Basket	class	Pear
twisted/fruit.py	19	Basket.isRipe	method	
twisted/fruit.py	21	Tree	class	
twisted/fruit.py	22	Tree.leaves	attribute	
twisted/fruit.py	22	Tree.roots	attribute	
twisted/fruit.py	24	IEater	class	Interface
twisted/fruit.py	25	IEater.eat	method	
`
	goodMap = `# Names

## twisted/fruit.py

` + mapHeader + `
|--:|---|---|---|---|
| 3 | ` + "`Pear` | `fruit.Pear` | fruit/fruit.go | same |" + `
| 5 | ` + "`Pear.isRipe` | `fruit.Pear.IsRipe` | fruit/fruit.go | same |" + `
| 10 | ` + "`_Skin.peel` | `fruit.Apple.Peel` | fruit/skin.go | same |" + `
| 12 | ` + "`Apple` | `fruit.Apple`, `fruit.NewApple` | fruit/fruit.go | different: has a size |" + `
| 14 | ` + "`grow` | | | not ported: time does it |" + `
| 16 | ` + "`RottenError` | `fruit.ErrRotten` | fruit/fruit.go | same |" + `
| 18 | ` + "`Basket` | `fruit.Basket` | fruit/fruit.go | same |" + `
| 19 | ` + "`Basket.isRipe` | `fruit.Basket.IsRipe` (embedded) | fruit/fruit.go | same |" + `
| 21 | ` + "`Tree` | | | not ported: no trees |" + `
| 24 | ` + "`IEater` | `fruit.Eater` | fruit/fruit.go | same |" + `
| 25 | ` + "`IEater.eat` | `fruit.Eater.Eat` | fruit/fruit.go | same |" + `
`
	goodOurs = "# Ours alone\n\n" + oursHeader + "\n|---|---|\n" +
		"| `fruit.Press`, `fruit.Grade`, `fruit.Basket.Handle` | what carries and presses |\n| `*.String` | of every type |\n"
	goodCode = `package fruit

import "errors"

// Pear is sweet: twisted/fruit.py:3 Pear.
type Pear struct{ Size int }

// IsRipe reports that it is: twisted/fruit.py:5.
func (p *Pear) IsRipe() bool { return p.Size > 3 }

func (p *Pear) String() string { return "pear" }

// An Apple has a skin: twisted/fruit.py:9 _Skin and :12 Apple.
type Apple struct{ *skin[int] }

// NewApple is twisted/fruit.py:12.
func NewApple() Apple { return Apple{} }

// What rots: twisted/fruit.py:14 to 16.
var ErrRotten = errors.New("rotten")

// Basket is twisted/fruit.py:18 Basket.
type Basket struct {
	Pear
	Handle string
}

// Press is nobody else's. It opens at 12:30.
type Press struct{}

func (Press) Turn() {}

// Grade is how good a Press is.
type Grade int

const (
	Fine Grade = iota
	Finer
)

// Eater is twisted/fruit.py:24 IEater.
type Eater interface{ Eat() }
`
	goodSkin = "package fruit\n\ntype skin[T any] struct{ t T }\n\nfunc (s *skin[T]) Peel() {}\n\nfunc (s *skin[T]) cut() {}\n"
	goodTest = "package fruit\n\n// fixture is a pear of twisted/fruit.py:7 _cut.\ntype Fixture struct{}\n"
)

func goodFiles() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		indexFile: goodIndex, page: goodMap + goodOurs,
		"fruit/fruit.go": goodCode, "fruit/skin.go": goodSkin, "fruit/fruit_test.go": goodTest,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func problemsOf(t *testing.T, files fstest.MapFS) []problem {
	t.Helper()
	b, err := readBook(files, []string{"fruit"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.problems()
}

func TestWhatHoldsHasNoProblems(t *testing.T) {
	if problems := problemsOf(t, goodFiles()); len(problems) > 0 {
		t.Errorf("the small world has problems: %v", problems)
	}
}

// TestEachProblemIsTold changes one thing in the small world, and wants to be
// told of it, with its place.
func TestEachProblemIsTold(t *testing.T) {
	const code = "fruit/fruit.go"
	for _, test := range []struct {
		name, file, old, new, want string
	}{
		{"a wrong line", page, "| 5 | `Pear.isRipe`", "| 4 | `Pear.isRipe`", page + ":8: Pear.isRipe is not in a line of [4]"},
		{"a line too many", page, "| 5 | `Pear.isRipe`", "| 5, 7 | `Pear.isRipe`", page + ":8: the lines [5 7] are more"},
		{"a name that Twisted has not", page, "`grow`", "`shrink`", page + ":11: shrink is not in a line"},
		{"a name under the wrong module", page, "## twisted/fruit.py", "## twisted/nuts.py", page + ":7: Pear is not in a line of [3] of twisted/nuts.py"},
		{"rows out of order", page, "| 21 | `Tree` | | | not ported: no trees |\n| 24 | `IEater` | `fruit.Eater` | fruit/fruit.go | same |\n", "| 24 | `IEater` | `fruit.Eater` | fruit/fruit.go | same |\n| 21 | `Tree` | | | not ported: no trees |\n", page + ":16: line 21 comes after line 24"},
		{"a word that says nothing", page, "| not ported: no trees |", "| later |", page + `:15: "later" is none of`},
		{"a difference without a reason", page, "different: has a size", "different", page + ":10: Apple is different, and no reason"},
		{"an omission without a reason", page, "not ported: no trees", "not ported:", page + ":15: Tree is not ported, and no reason"},
		{"the same, but", page, "`fruit.ErrRotten` | fruit/fruit.go | same |", "`fruit.ErrRotten` | fruit/fruit.go | same: nearly |", page + ":12: RottenError is the same, and yet a reason"},
		{"the same by another name", page, "| `fruit.Pear` | fruit/fruit.go | same |", "| `fruit.Apple` | fruit/fruit.go | same |", page + ":7: fruit.Apple is not the same name as Pear"},
		{"not ported, with a Go name", page, "`grow` | | |", "`grow` | `fruit.Press` | fruit/fruit.go |", page + ":11: grow is not ported, and yet a Go name"},
		{"ported to nothing", page, "`fruit.ErrRotten` | fruit/fruit.go | same |", " | | same |", page + ":12: RottenError is same, and no Go name"},

		{"a public name without a row", page, "| 14 | `grow` | | | not ported: time does it |\n", "", "twisted/fruit.py:14: grow has no row"},
		{"a member that a public class inherits without a row", page, "| 10 | `_Skin.peel` | `fruit.Apple.Peel` | fruit/skin.go | same |\n", "", "twisted/fruit.py:10: _Skin.peel has no row"},
		{"a member of a class that is ported in part", page, "not ported: no trees", "different: no trees", "twisted/fruit.py:22: Tree.leaves has no row"},
		{"a public name that is new in the index", indexFile, "Pear._cut", "Pear.cut", "twisted/fruit.py:7: Pear.cut has no row"},

		{"a Go name that does not exist", page, "`fruit.Pear.IsRipe`", "`fruit.Pear.Ripe`", page + ":8: fruit.Pear.Ripe does not exist"},
		{"a Go name that is no more", code, "IsRipe()", "Ripe()", page + ":8: fruit.Pear.IsRipe does not exist"},
		{"a Go name of a test", page, "`fruit.NewApple`", "`fruit.Fixture`", page + ":10: fruit.Fixture does not exist"},
		{"a Go name in another file", page, "`fruit.Apple.Peel` | fruit/skin.go", "`fruit.Apple.Peel` | fruit/fruit.go", page + ":9: fruit.Apple.Peel is in fruit/skin.go, not in fruit/fruit.go"},
		{"a file for nothing", page, "`fruit.NewApple` | fruit/fruit.go |", "`fruit.NewApple` | fruit/fruit.go, fruit/skin.go |", page + ":10: fruit/skin.go has none of the row's names"},
		{"an embedded name that the row takes for the type's own", page, " (embedded)", "", page + ":14: that fruit.Basket.IsRipe is embedded is true, and the row says false"},
		{"a name of the type's own that the row takes for embedded", page, "`fruit.Pear.IsRipe` |", "`fruit.Pear.IsRipe` (embedded) |", page + ":8: that fruit.Pear.IsRipe is embedded is false"},
		{"ours alone, and not there", page, "`fruit.Press`", "`fruit.Oven`", page + ":22: fruit.Oven does not exist"},
		{"ours alone, for no reason", page, "what carries and presses", "", page + ":22: fruit.Press is ours alone, and no reason"},
		{"ours alone, and Twisted's", page, "`fruit.Press`", "`fruit.Press`, `fruit.Pear`", page + ":22: fruit.Pear is said to be ours alone"},

		{"an exported type that is nowhere", code, "type Press struct", "// Mill grinds.\ntype Mill struct{}\n\ntype Press struct", code + ": fruit.Mill is exported, and neither"},
		{"an exported method that is nowhere", code, "func (p *Pear) String", "func (p *Pear) Fall() {}\n\nfunc (p *Pear) String", code + ": fruit.Pear.Fall is exported, and neither"},
		{"an interface's method that is nowhere", code, "Eat() }", "Eat(); Drink() }", code + ": fruit.Eater.Drink is exported, and neither"},
		{"a method of a private type that an exported one embeds", "fruit/skin.go", "cut()", "Cut()", "fruit/skin.go: fruit.Apple.Cut is exported, and neither"},
		{"a method of Go's own interfaces that is nowhere", page, "| `*.String` | of every type |\n", "", code + ": fruit.Pear.String is exported, and neither"},
		{"a constant of a type of ours alone that is no longer listed", page, "`fruit.Grade`, ", "", code + ": fruit.Finer is exported, and neither"},
		{"a constant without a type that is nowhere", code, "\tFiner\n", "\tFiner\n\tCoarse = 3\n", code + ": fruit.Coarse is exported, and neither"},
		{"a type of ours alone that is no longer listed", page, "`fruit.Press`, ", "", code + ": fruit.Press.Turn is exported, and neither"},

		{"a comment with a wrong line", code, "fruit.py:3 Pear", "fruit.py:5 Pear", code + ":5:1: Pear is in line 3 of twisted/fruit.py, not in line 5"},
		{"a comment with a line that defines nothing", code, "fruit.py:5.", "fruit.py:6.", code + ":8:1: twisted/fruit.py:6 defines nothing"},
		{"a comment with a name that Twisted has not", code, "fruit.py:3 Pear", "fruit.py:3 Paer", code + ":5:1: twisted/fruit.py has no Paer"},
		{"a comment with another line of the same module that is wrong", code, ":12 Apple", ":13 Apple", code + ":13:1: twisted/fruit.py:13 defines nothing"},
		{"a comment with a range that ends in nothing", code, "14 to 16", "14 to 17", code + ":19:1: twisted/fruit.py:17 defines nothing"},
		{"a comment with half a path", code, "twisted/fruit.py:3", "fruit.py:3", code + ":5:1: fruit.py:3: write the module as twisted/"},
		{"a comment with a module that is not in the index", code, "twisted/fruit.py:3", "twisted/nuts.py:3", code + ":5:1: twisted/nuts.py:3 defines nothing"},
		{"a test's comment", "fruit/fruit_test.go", "fruit.py:7 _cut", "fruit.py:8 _cut", "fruit/fruit_test.go:3:1: twisted/fruit.py:8 defines nothing"},
		{"a type without its source", code, "twisted/fruit.py:18 Basket.", "here.", code + ": the comment of fruit.Basket does not name its source, twisted/fruit.py:18"},
		{"an error without its source", code, "14 to 16", "12 to 14", code + ": the comment of fruit.ErrRotten does not name its source, twisted/fruit.py:16"},
		{"a method with the source of another", code, "fruit.py:5.", "fruit.py:19.", code + ": the comment of fruit.Pear.IsRipe does not name its source, twisted/fruit.py:5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := goodFiles()
			before := string(files[test.file].Data)
			if strings.Count(before, test.old) == 0 {
				t.Fatalf("%s has no %q to change", test.file, test.old)
			}
			files[test.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, test.old, test.new, 1))}
			var told []string
			for _, p := range problemsOf(t, files) {
				if strings.HasPrefix(p.String(), test.want) {
					return
				}
				told = append(told, fmt.Sprint(p))
			}
			t.Errorf("it should say\n%s\nand says\n%s", test.want, strings.Join(told, "\n"))
		})
	}
}

// TestWhatCannotBeRead is told with its place too.
func TestWhatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		name, file, old, new, want string
	}{
		{"a line that is no number", page, "| 3 |", "| three |", page + ":7: the line"},
		{"a row with too few cells", page, "fruit/skin.go | same |", "same |", page + ":9: 4 cells, want 5"},
		{"an index with another header", indexFile, indexHeader, "a\tb", indexFile + ":1: the header"},
		{"an index with a line that is no number", indexFile, "\t3\t", "\tthree\t", indexFile + ":2: the line"},
		{"an index with too few fields", indexFile, "\tclass\t\n", "\n", indexFile + ":2: 3 fields"},
		{"code that is none", "fruit/skin.go", "package", "parcel", "fruit/skin.go:1:1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := goodFiles()
			before := string(files[test.file].Data)
			files[test.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, test.old, test.new, 1))}
			if _, err := readBook(files, []string{"fruit"}, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
	for _, missing := range []string{indexFile, page} {
		files := goodFiles()
		delete(files, missing)
		if _, err := readBook(files, []string{"fruit"}, nil); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s the error is %v", missing, err)
		}
	}
	if _, err := readBook(goodFiles(), []string{"nuts"}, nil); !errors.Is(err, errNoPackage) {
		t.Errorf("of a folder without Go the error is %v", err)
	}
}
