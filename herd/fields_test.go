package herd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Eight bytes are looked at together: each byte at each place among bytes that look like
// it, and the last of a line too.
func TestFieldsEndAtWhiteSpaceAlone(t *testing.T) {
	const longest = 20
	for _, around := range []byte{'x', 0x00, 0x1f, '!', 0x7f, 0x80, 0xa0, 0xa1, 0xff} {
		for c := range 256 {
			for at := range longest {
				text := make([]byte, longest)
				for i := range text {
					text[i] = around
				}
				text[at] = byte(c)
				want := longest
				if space[c] {
					want = at
				}
				if got := fieldLength(text); got != want {
					t.Fatalf("the field of %q has %d bytes, not %d", text, got, want)
				}
				if got := fieldLength(text[:at]); got != at {
					t.Fatalf("the field of %q has %d bytes", text[:at], got)
				}
			}
		}
	}
}

// Every value below 10,000 in both halves shows all that the arithmetic can do: the
// halves do not meet.
func TestEightDigitsThereAndBack(t *testing.T) {
	var text [8]byte
	for half := range uint32(10_000) {
		for _, value := range []uint32{half, half * 10_000, half*10_000 + 9_999 - half, 99_990_000 + half} {
			putEightDigits(&text, value)
			if want := fmt.Sprintf("%08d", value); string(text[:]) != want {
				t.Fatalf("%d is written as %s", value, text)
			}
			if got, ok := eightDigits(text[:]); !ok || got != int64(value) {
				t.Fatalf("%s is read as %d, %v", text, got, ok)
			}
		}
	}
}

// What is cut in one pass is cut as field by field: every line of so many of these pieces,
// which puts each of them at each place of the eight bytes that are looked at together.
func TestALineIsCutInOnePass(t *testing.T) {
	pieces := []string{" ", "\t", "\x01", "!", "\x7f", "\x80", "\xa0", "a", "bcdefg", "hijklmnop"}
	cut := 0
	var lines func(line string, more int)
	lines = func(line string, more int) {
		text := []byte(line)
		var fields, want [3][]byte
		rest := text
		for i := range want {
			want[i], rest = cutField(rest)
		}
		surplus, _ := cutField(rest)
		whole := len(surplus) == 0 && len(want[2]) > 0
		canonical := line == string(bytes.Join(want[:], []byte{' '}))
		switch ok := cutCanonical(text, fields[:]); {
		case ok:
			cut++
			for i := range want {
				whole = whole && string(fields[i]) == string(want[i])
			}
			if !whole || !canonical {
				t.Fatalf("%q is cut to %q, field by field to %q", line, fields, want)
			}
		case whole && len(line) >= 8 && !strings.Contains(line, "\x01") && canonical:
			t.Fatalf("%q is not cut", line)
		}
		if one, ok := cutFields(text, fields[:]); ok != whole || one && !(whole && canonical) {
			t.Fatalf("%q has three fields: %v, want %v; it is canonical: %v", line, ok, whole, one)
		}
		for i := range pieces[:len(pieces)*min(more, 1)] {
			lines(line+pieces[i], more-1)
		}
	}
	lines("", 6)
	if cut < 5000 {
		t.Errorf("only %d lines were cut in one pass", cut)
	}
}

// A report's answer has its fields with one blank between them, however they came.
func TestAReportIsAnsweredInTheCanonicalForm(t *testing.T) {
	node := newNode(t, "Farmar")
	for _, line := range []string{"IAMAT a +1-2 3", "IAMAT  a +1-2 3", "\tIAMAT\va\f+1-2\r3 ", " IAMAT a +1-2 3", "IAMAT a +1-2 3 ", "IAMAT a  +1-2 3", "IAMAT a +1-2 3\r", "IAMAT a\t+1-2 3", "IAMAT a +1-2\t3"} {
		if got, want := string(node.Receive([]byte(line), Unix(4, 5)).Answer), "AT Farmar +1.000000005 a +1-2 3\n"; got != want {
			t.Errorf("%q is answered %q", line, got)
		}
	}
}
