package main

import (
	"strings"
	"testing"
	"time"
)

func TestColumnsAreAsWideAsTheyMustBe(t *testing.T) {
	var tab table
	tab.row("name", "n", "what")
	tab.row("Åse", "100", "x")
	tab.row("Fårmår", "a cell that is the last, and as long as it likes")
	tab.note("a note that is longer than any of the columns")
	tab.row("Al", "2", "y")
	want := `name    n    what
Åse     100  x
Fårmår  a cell that is the last, and as long as it likes
  a note that is longer than any of the columns
Al      2    y
`
	if got := tab.String(); got != want {
		t.Errorf("\n%swant\n%s", got, want)
	}
}

func TestOnlyWhatCanBeSeenIsShown(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		`as "it" is \ é ☂`:             `as "it" is \ é ☂`,
		"\x1b[2J\r\n\t\x00\x7f":        `\x1b[2J\r\n\t\x00\x7f`,
		"\u009b1m\u202e\u200b":         `\u009b1m\u202e\u200b`,
		"\xff\xc3":                     `\xff\xc3`,
		strings.Repeat("é", maxCell):   strings.Repeat("é", maxCell),
		strings.Repeat("é", maxCell+1): strings.Repeat("é", maxCell) + "...",
		strings.Repeat("\x1b", 1<<20):  strings.Repeat(`\x1b`, maxCell) + "...",
	} {
		if got := visible(text); got != want {
			t.Errorf("%.40q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestNumbersAreWrittenWithTheirUnits(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{span(-time.Hour), "0s"},
		{span(59*time.Second + 999*time.Millisecond), "59s"},
		{span(time.Minute), "1m0s"},
		{span(59*time.Minute + 59*time.Second), "59m59s"},
		{span(3*time.Hour + 5*time.Minute + 7*time.Second), "3h5m"},
		{span(24 * time.Hour), "1d0h"},
		{span(1<<63 - 1), "106751d23h"},
		{size(0), "0B"},
		{size(-3), "-3B"},
		{size(1023), "1023B"},
		{size(1024), "1.0KiB"},
		{size(1000 << 10), "1.0MiB"},
		{size(8_493_466), "8.1MiB"},
		{size(1<<63 - 1), "8.0EiB"},
		{seconds(0.000412), "0.41ms"},
		{seconds(-0.5), "-500.00ms"},
		{seconds(1), "1.0s"},
		{seconds(-86400), "-86400.0s"},
		{seconds(1e300), "1.0e+300s"},
		{ahead(0, 0), "same"},
		{ahead(-0.1, 0.1), "same"},
		{ahead(0.2, 0.1), "+200.00ms"},
		{ahead(-3, 0.1), "-3.0s"},
	} {
		if test.got != test.want {
			t.Errorf("%s, want %s", test.got, test.want)
		}
	}
}
