package wirelog

import (
	"bytes"
	"testing"
)

// Every byte, at every place of lines of every length up to a few vectors, with and without an
// end, and with other lines behind it.
func TestALineIsCopiedIfItIsWholeAndPlain(t *testing.T) {
	const longest = 37
	ways := map[string]func(dst, text []byte) int{"copyLine": copyLine, "copyLineByWords": copyLineByWords}
	for name, way := range ways {
		checked := 0
		for size := range longest {
			for at := range size {
				for c := range 256 {
					line := bytes.Repeat([]byte("~ "), longest/2)[:size]
					line[at] = byte(c)
					for _, after := range []string{"", "\n", "\nthe \"next\" line is longer\n"} {
						text := append(line[:size:size], after...)
						want := -1
						if plain[c] && after != "" {
							want = size
						} else if c == '\n' {
							want = at
						}
						checkCopy(t, name, way, text, want)
						checked++
					}
				}
			}
		}
		if want := (longest - 1) * longest / 2 * 256 * 3; checked != want {
			t.Errorf("%s: %d texts checked, want %d", name, checked, want)
		}
	}
}

func checkCopy(t *testing.T, name string, way func(dst, text []byte) int, text []byte, want int) {
	t.Helper()
	const guard = 32
	var room [256]byte
	dst := room[guard : guard+len(text)]
	got := way(dst, text)
	switch {
	case want < 0 && got >= 0, want >= 0 && got != want:
		t.Fatalf("%s(%q) = %d, want %d", name, text, got, want)
	case want >= 0 && !bytes.Equal(dst[:want], text[:want]):
		t.Fatalf("%s(%q) copies %q", name, text, dst[:want])
	}
	if n := len(bytes.Trim(room[:guard], "\x00")) + len(bytes.Trim(room[guard+len(text):], "\x00")); n > 0 {
		t.Fatalf("%s(%q) writes outside of its %d bytes", name, text, len(text))
	}
}
