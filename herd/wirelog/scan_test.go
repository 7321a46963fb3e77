package wirelog

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var goodRecords = []string{
	`2012-11-21T12:00:00.065123Z + client#12 "127.0.0.1:51234"`,
	`2012-11-21T12:00:00.065123Z < client#12 "IAMAT \"x\" \xff\u00e9"`,
	`2012-11-21T12:00:00.065123Z > peer#18446744073709551615=Meeks "AT" cut`,
	`2012-11-21T12:00:00.065123Z > peer#3="a b" "AT" open`,
	`2012-11-21T12:00:00.065123Z < peer#3 "" gap=512`,
	`2012-11-21T12:00:00.065123Z = peer#3 "Meeks"`,
	`2012-11-21T12:00:00.065123Z - peer#3=Meeks "silent"`,
	`2012-11-21T12:00:00.065123Z ! warn "peer lost" "odd key"="odd=value" server=Meeks`,
	`0001-01-01T00:00:00.000000Z ! trace ""`,
}

func TestGoodRecordsAreRead(t *testing.T) {
	for _, line := range goodRecords {
		e, err := ParseLine([]byte(line))
		if err != nil {
			t.Error(err)
			continue
		}
		if again, err := ParseLine(written(e)); err != nil || fmt.Sprint(again) != fmt.Sprint(e) {
			t.Errorf("%s is read as %+v", line, e)
		}
	}
	e, err := ParseLine([]byte(goodRecords[7]))
	if err != nil || e.Level != Warn || string(e.Text) != "peer lost" || e.Field("odd key") != "odd=value" ||
		e.Field("server") != "Meeks" || e.Field("none") != "" {
		t.Errorf("the event is %+v, %v", e, err)
	}
}

func TestBadRecordsAreRefused(t *testing.T) {
	const at = "2012-11-21T12:00:00.065123Z"
	bad := []string{
		"", "x", at, at + " ", at + " <", at + " < ", at + " < client#12", at + " < client#12 ",
		at[:26] + ` < client#12 "x"`,                    // time without its Z
		"2012-11-21 12:00:00.065123Z < client#12 \"x\"", // time in two words
		at + ` ? client#12 "x"`,                         // no such mark
		at + ` << client#12 "x"`,                        //
		at + ` < server#12 "x"`,                         // no such kind
		at + ` < client# "x"`, at + ` < client#x "x"`,   // no number
		at + ` < client#18446744073709551616 "x"`,          // a number too large
		at + ` < client#1= "x"`, at + ` < client#1="a "x"`, // no name, no end of it
		at + ` < client#1 x`, at + " < client#1 `x`", // not quoted, quoted another way
		at + ` < client#1 "x`, at + ` < client#1 "\z"`, //
		at + ` < client#1 "x" `, at + ` < client#1 "x" end`, //
		at + ` < client#1 "x" gap=`, at + ` < client#1 "x" gap=-1`,
		at + ` + client#1 "x" cut`, // only text can be cut
		at + ` ! loud "x"`, at + ` ! info x`, at + ` ! info "x" k`, at + ` ! info "x" k=`, at + ` ! info "x" =v`,
		at + ` ! info "x" k=v `, at + ` ! info "x" k=v=w`, at + ` ! info "x"  k=v`,
	}
	for _, line := range bad {
		if e, err := ParseLine([]byte(line)); !errors.Is(err, ErrRecord) {
			t.Errorf("%q is read as %+v, %v", line, e, err)
		}
	}
}

func TestScanGoesOnAfterATornRecord(t *testing.T) {
	long := strings.Repeat("x", maxRecord+5)
	text := strings.Join([]string{goodRecords[0], goodRecords[1][:40], long, goodRecords[2], "", goodRecords[3]}, "\n")
	var got []string
	for e, err := range Scan(iotest.HalfReader(strings.NewReader(text))) {
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			got = append(got, strings.SplitN(err.Error(), ":", 2)[0])
			continue
		}
		got = append(got, string(e.Text))
	}
	want := `["127.0.0.1:51234" "line 2" "line 3" "AT" "line 5" "AT"]`
	if fmt.Sprintf("%q", got) != want {
		t.Errorf("read %q, want %s", got, want)
	}
}

func TestScanEndsWithItsReaderAndWithItsCaller(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(goodRecords[0]+"\n"), iotest.ErrReader(errFull))
	n, last := 0, error(nil)
	for _, err := range Scan(broken) {
		n, last = n+1, err
	}
	if n != 2 || !errors.Is(last, errFull) {
		t.Errorf("%d entries, the last error %v", n, last)
	}
	n = 0
	for range Scan(strings.NewReader(strings.Join(goodRecords, "\n"))) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d entries after a break at the second", n)
	}
}
