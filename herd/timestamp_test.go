package herd

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"
)

func TestParseTimestamp(t *testing.T) {
	for _, c := range []struct {
		text string
		want Timestamp
		ok   bool
	}{
		{"1353118103.108893381", Timestamp{1353118103, 108893381}, true},
		{"1353118103", Timestamp{Sec: 1353118103}, true},
		{"0", Timestamp{}, true},
		{"00000000000", Timestamp{}, true},
		{"1.5", Timestamp{1, 500000000}, true},
		{"1.000000001", Timestamp{1, 1}, true},
		{"1.100000000", Timestamp{1, 100000000}, true},
		{"999999999999.999999999", Timestamp{999999999999, 999999999}, true},
		{text: "1000000000000"},         // 13 digits
		{text: "1353118103.1088933811"}, // 10 after the point
		{text: ""},
		{text: "."},
		{text: ".5"},
		{text: "5."},
		{text: "+5"},
		{text: "-5"},
		{text: "1e9"},
		{text: "1.5e9"},
		{text: "nan"},
		{text: "inf"},
		{text: "0x10"},
		{text: "1_000"},
		{text: "1,5"},
		{text: "1.2.3"},
		{text: "12345678/"}, // the bytes beside the digits
		{text: "1234567:1"},
		{text: "1234567\xb0"},
	} {
		got, ok := ParseTimestamp([]byte(c.text))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("ParseTimestamp(%q) = %v, %v; want %v, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestParseDifference(t *testing.T) {
	for _, c := range []struct {
		text string
		want Timestamp
		ok   bool
	}{
		{"+0.563873386", Timestamp{0, 563873386}, true},
		{"-0.000000001", Timestamp{-1, 999999999}, true},
		{"-1.000000000", Timestamp{-1, 0}, true},
		{"-0.000000000", Timestamp{}, true},
		{"+9999999999999.999999999", Timestamp{9999999999999, 999999999}, true},
		{text: "+10000000000000.000000000"},
		{text: "0.563873386"},
		{text: "+.563873386"},
		{text: "+0.56387338"},
		{text: "+0.5638733860"},
		{text: "+0"},
		{text: "+"},
		{text: ""},
		{text: "+0,563873386"},
		{text: "+-0.563873386"},
		{text: "+1e-3.00000000"},
	} {
		got, ok := ParseDifference([]byte(c.text))
		if ok != c.ok || ok && got != c.want {
			t.Errorf("ParseDifference(%q) = %v, %v; want %v, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestAppendDifference(t *testing.T) {
	for _, c := range []struct {
		d    Timestamp
		want string
	}{
		{Timestamp{0, 563873386}, "+0.563873386"},
		{Timestamp{-1, 999999999}, "-0.000000001"},
		{Timestamp{}, "+0.000000000"},
		{Timestamp{-1, 0}, "-1.000000000"},
		{Timestamp{-2, 1}, "-1.999999999"},
		{Timestamp{10, 1}, "+10.000000001"},
		{Timestamp{math.MaxInt64, 999999999}, "+9223372036854775807.999999999"},
		{Timestamp{math.MinInt64, 0}, "-9223372036854775808.000000000"},
		{Timestamp{math.MinInt64, 1}, "-9223372036854775807.999999999"},
	} {
		if got := string(AppendDifference([]byte("x"), c.d)); got != "x"+c.want {
			t.Errorf("AppendDifference(%v) = %q, want %q", c.d, got, "x"+c.want)
		}
	}
}

// Differences are held to big.Rat, and to reading back as what was written.
func TestDifferenceIsExact(t *testing.T) {
	r := newRandom(1)
	const rounds = 20_000
	negative := 0
	for range rounds {
		a := Timestamp{r.Int64N(1e12), int32(r.IntN(nanosPerSecond))}
		b := a
		if r.IntN(2) == 0 {
			b.Sec = r.Int64N(1e12)
		}
		if r.IntN(4) != 0 {
			b.Nsec = int32(r.IntN(nanosPerSecond))
		}
		exact := new(big.Rat).Sub(slowValue(a), slowValue(b))
		want := exact.FloatString(fractionDigits)
		if exact.Sign() >= 0 {
			want = "+" + want
		} else {
			negative++
		}
		text := AppendDifference(nil, a.Sub(b))
		if string(text) != want {
			t.Fatalf("%v - %v = %s, want %s", a, b, text, want)
		}
		back, ok := ParseDifference(text)
		if !ok || b.Add(back) != a || a.Cmp(b) != exact.Sign() {
			t.Fatalf("%v - %v = %s reads back as %v, %v", a, b, text, back, ok)
		}
	}
	if negative < rounds/5 || negative > rounds*4/5 {
		t.Errorf("%d of %d differences were negative: the test says little of the other kind", negative, rounds)
	}
}

func TestUnixNormalises(t *testing.T) {
	for _, c := range []struct {
		sec  int64
		nsec int
		want Timestamp
	}{
		{5, 0, Timestamp{5, 0}},
		{5, 999999999, Timestamp{5, 999999999}},
		{5, 1000000000, Timestamp{6, 0}},
		{5, -1, Timestamp{4, 999999999}},
		{5, -3000000000, Timestamp{2, 0}},
	} {
		if got := Unix(c.sec, c.nsec); got != c.want {
			t.Errorf("Unix(%d, %d) = %v, want %v", c.sec, c.nsec, got, c.want)
		}
	}
	if got := fromDuration(-1500 * time.Millisecond); got != (Timestamp{-2, 500000000}) {
		t.Errorf("-1.5 s is %v", got)
	}
}

// The fast readers of numbers are held to regular expressions.
func TestTimesAgainstRegexp(t *testing.T) {
	r := newRandom(2)
	accepted := map[string]int{}
	const rounds = 30_000
	for range rounds {
		text := r.time()
		if _, ok := ParseTimestamp([]byte(text)); ok != slowTime.MatchString(text) {
			t.Fatalf("ParseTimestamp(%q) says %v", text, ok)
		} else if ok {
			accepted["times"]++
		}
		text = r.difference()
		d, ok := ParseDifference([]byte(text))
		if ok != slowDifference.MatchString(text) {
			t.Fatalf("ParseDifference(%q) says %v", text, ok)
		} else if ok {
			accepted["differences"]++
			if slowValue(d).Cmp(rat(t, text)) != 0 {
				t.Fatalf("ParseDifference(%q) = %v", text, d)
			}
		}
	}
	for _, kind := range []string{"times", "differences"} {
		if n := accepted[kind]; n < rounds/10 || n > rounds*9/10 {
			t.Errorf("%d of %d %s were accepted: the test says little of the other kind", n, rounds, kind)
		}
	}
}

func TestEightDigitsRefusesEveryOtherByte(t *testing.T) {
	checked := 0
	for place := range 8 {
		for c := range 256 {
			text := []byte("12345678")
			text[place] = byte(c)
			value, ok := eightDigits(text)
			if ok != isDigit(byte(c)) || ok && fmt.Sprintf("%08d", value) != string(text) {
				t.Errorf("eightDigits(%q) = %d, %v", text, value, ok)
			}
			checked++
		}
	}
	if _, ok := eightDigits([]byte("1234567")); ok || checked != 8*256 {
		t.Errorf("seven digits pass for eight, or %d is not all that was to be checked", checked)
	}
}
