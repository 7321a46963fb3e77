package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/monitor/internal/sse"
)

// lookAt serves pages until the test ends, and returns where.
func lookAt(t *testing.T, p Pages) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = newServer(p)
	server.Start()
	t.Cleanup(func() {
		// As Serve does: it ends the answers that go on.
		if err := server.Config.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return server.URL
}

func begun(t *testing.T, url string) *http.Response {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() }) // it may have ended
	return answer
}

// noWalk is a server without records.
func noWalk() Walk {
	return func(context.Context, int) ([]byte, bool, error) { return nil, false, nil }
}

func TestOnlookersAreToldTheStatusAndWhatIsPassedOn(t *testing.T) {
	sample := NewSample()
	url := lookAt(t, Pages{Status: is(herd.Status{Name: "Hill", Records: 7}), Sample: sample, Walk: noWalk, Future: time.Minute})
	answer := begun(t, url+"/live")
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("the type is %q", got)
	}
	var seen []string
	err := sse.Read(answer.Body, func(e sse.Event) bool {
		switch e.Name {
		case "status":
			var status herd.Status
			if err := json.Unmarshal(e.Data, &status); err != nil || status.Name != "Hill" || status.Records != 7 {
				t.Errorf("%s: %v", e.Data, err)
			}
			if len(seen) == 0 {
				// A time a year ahead counts for five minutes, or what Future says.
				sample.Passed([]byte("AT Farmar -31536000.000000000 a\x1b[31m\xff<b> -33.5+151.25 1731536000\n"), "Meeks", []string{"Young", "Gasol"})
			}
		case "passed":
			seen = append(seen, string(e.Data))
		default:
			t.Errorf("%s: %s", e.Name, e.Data)
		}
		return len(seen) < 1
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"record":["a\\x1b[31m\\xff<b>",-33.5,151.25,"Farmar","1731536000",1700000060],"at":`
	if !strings.HasPrefix(seen[0], want) || !strings.HasSuffix(seen[0], `,"from":"Meeks","to":["Young","Gasol"]}]`) {
		t.Errorf("%s\nwant %s...", seen[0], want)
	}
}

func TestOnlookersAreToldWhyThereIsNoStatus(t *testing.T) {
	ended := func(context.Context) (herd.Status, error) { return herd.Status{}, errors.New(`the "loop" has ended`) }
	url := lookAt(t, Pages{Status: ended, Sample: NewSample(), Walk: noWalk})
	err := sse.Read(begun(t, url+"/live").Body, func(e sse.Event) bool {
		if e.Name != "trouble" || string(e.Data) != `"the \"loop\" has ended"` {
			t.Errorf("%s: %s", e.Name, e.Data)
		}
		return false
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTooManyDoNotLookOn(t *testing.T) {
	url := lookAt(t, Pages{Status: is(herd.Status{}), Sample: NewSample(), Walk: noWalk})
	for range maxOnlookers {
		if answer := begun(t, url+"/live"); answer.StatusCode != http.StatusOK {
			t.Fatal(answer.Status)
		}
	}
	if answer := begun(t, url+"/live"); answer.StatusCode != http.StatusServiceUnavailable {
		t.Error(answer.Status)
	}
}

// TestTheWalkShowsAll walks over records in pieces, and one that fails has no end.
func TestTheWalkShowsAll(t *testing.T) {
	for _, test := range []struct {
		pieces int
		fails  int // the piece that does; 0: none
		end    bool
	}{{1, 0, true}, {3, 0, true}, {3, 2, false}} {
		asked := 0
		walk := func(_ context.Context, most int) ([]byte, bool, error) {
			asked++
			if asked == test.fails {
				return nil, false, errors.New("the loop has ended")
			}
			var lines []byte
			for i := range min(most, 2) {
				lines = fmt.Appendf(lines, "AT Hill +1.000000000 client-%d-%d +1.5-2.5 1700000000.5\n", asked, i)
			}
			return lines, asked < test.pieces, nil
		}
		url := lookAt(t, Pages{Status: is(herd.Status{}), Sample: NewSample(), Walk: func() Walk { return walk }})
		in := bufio.NewScanner(begun(t, url+"/records").Body)
		records, end := 0, false
		for in.Scan() {
			if end = in.Text() == `"end"`; end {
				continue
			}
			var list [][]any
			if err := json.UnmarshalFromString(in.Text(), &list); err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				if want := fmt.Sprintf("[client-%d-%d 1.5 -2.5 Hill 1700000000.5 1.7000000005e+09]", records/2+1, records%2); fmt.Sprint(r) != want {
					t.Errorf("%v, want %s", r, want)
				}
				records++
			}
		}
		want := 2 * test.pieces
		if test.fails > 0 {
			want = 2 * (test.fails - 1)
		}
		if records != want || end != test.end {
			t.Errorf("%+v: %d records, and the end: %v", test, records, end)
		}
	}
}

// TestTheEndOfTheServerEndsWhoLooksOn would wait for ever if it did not.
func TestTheEndOfTheServerEndsWhoLooksOn(t *testing.T) {
	listener, err := Listen("127.0.0.1:0", Token{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, listener, Pages{Status: is(herd.Status{}), Sample: NewSample(), Walk: noWalk})
	}()
	answer := begun(t, "http://"+listener.Addr().String()+"/live")
	stop()
	_ = sse.Read(answer.Body, func(sse.Event) bool { return true }) // to the end, whatever that is
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestShown(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, want := range map[string]string{
		"kiwi.cs.ucla.edu":       "kiwi.cs.ucla.edu",
		"":                       "",
		"<script>alert(1)</...":  "<script>alert(1)</...",
		"\x1b[31mred\x07":        `\x1b[31mred\x07`,
		"Zürich-東京":              "Zürich-東京",
		"\xff\xfe":               `\xff\xfe`,
		`back\slash`:             `back\x5cslash`,
		"gnp.exe\u202etxt":       `gnp.exe\xe2\x80\xaetxt`,
		"zero\u200bwidth\u00a0.": `zero\xe2\x80\x8bwidth\xc2\xa0.`,
		long:                     long[:256] + "… (300 bytes)",
	} {
		if got := Shown([]byte(name)); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
}
