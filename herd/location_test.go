package herd

import (
	"strings"
	"testing"
)

func TestParseLocation(t *testing.T) {
	for _, c := range []struct {
		text, latitude, longitude string // no latitude: refused
	}{
		{"+27.5916+086.5640", "+27.5916", "+086.5640"},
		{"+34.068930-118.445127", "+34.068930", "-118.445127"},
		{"+90+180", "+90", "+180"},
		{"-90-180", "-90", "-180"},
		{"+90.0+180.000", "+90.0", "+180.000"},
		{"+0-0", "+0", "-0"},
		{"+00000000090+0000180", "+00000000090", "+0000180"},
		{"+89.9999999999999999999999+179.99999999999999999999", "+89.9999999999999999999999", "+179.99999999999999999999"},
		{text: "+90.0001+0"},
		{text: "+90.00000000000000000000001+0"},
		{text: "-90.1+0"},
		{text: "+91+0"},
		{text: "+0+180.0001"},
		{text: "+0+181"},
		{text: "+0-1000"},
		{text: "+99999999999999999999999999+0"},
		{text: "+.5+0"},
		{text: "+5.+0"},
		{text: "+0+.5"},
		{text: "+0+5."},
		{text: "27.5916+086.5640"},
		{text: "+27.5916"},
		{text: "+27.5916+"},
		{text: "+27.5916086.5640"},
		{text: "+1+2+3"},
		{text: "++1+2"},
		{text: "+1e1+2"},
		{text: "+1,5+2"},
		{text: "+1+2/"},
		{text: "+"},
		{text: ""},
	} {
		latitude, longitude, ok := ParseLocation([]byte(c.text))
		if ok != (c.latitude != "") || string(latitude) != c.latitude || string(longitude) != c.longitude {
			t.Errorf("ParseLocation(%q) = %q, %q, %v", c.text, latitude, longitude, ok)
		}
	}
}

func TestLocationMayBeOfAnyLength(t *testing.T) {
	zeros := strings.Repeat("0", 10_000)
	if _, _, ok := ParseLocation([]byte("+" + zeros + "90." + zeros + "-180." + zeros)); !ok {
		t.Error("zeros that mean nothing make a place invalid")
	}
	if _, _, ok := ParseLocation([]byte("+90." + zeros + "1-180")); ok {
		t.Error("a little north of the pole is valid")
	}
}

// Numbers whose bytes are looked at together are read as digit by digit: all texts of these
// bytes, which are digits, their neighbours and what stands between them, with and without
// more behind them.
func TestDegreesAtOnceAsDigitByDigit(t *testing.T) {
	good := 0
	var texts func(text string, more int)
	texts = func(text string, more int) {
		for _, behind := range []string{"", "-118.445127", "+0", "000000000"} {
			whole := []byte("+" + text + behind)
			for _, bound := range []int{maxLatitude, maxLongitude} {
				got, want := degrees(whole, bound), anyDegrees(whole, bound)
				if got != want {
					t.Fatalf("%q within %d has %d bytes, digit by digit %d", whole, bound, got, want)
				}
				good += min(got, 1)
			}
		}
		if more > 0 {
			for _, c := range "0189.-/:" {
				texts(text+string(c), more-1)
			}
		}
	}
	texts("", 6)
	if good < 100_000 {
		t.Errorf("only %d were numbers within their bounds", good)
	}
}

func TestLocationAgainstBigRat(t *testing.T) {
	r := newRandom(3)
	const rounds = 20_000
	accepted := 0
	for range rounds {
		text := r.location()
		_, _, ok := ParseLocation([]byte(text))
		if ok != slowLocation(t, text) {
			t.Fatalf("ParseLocation(%q) says %v", text, ok)
		}
		if ok {
			accepted++
		}
	}
	if accepted < rounds/20 || accepted > rounds*9/10 {
		t.Errorf("%d of %d places were accepted: the test says little of the other kind", accepted, rounds)
	}
}
