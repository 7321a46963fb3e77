package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"proxyherd/herd"
)

// busyHerd is wellHerd twice, two seconds apart, with something done in between.
func busyHerd(t *testing.T) (first, second *overview) {
	t.Helper()
	h := wellHerd()
	for i, s := range h.config.Servers {
		st := h.status[s.Name]
		st.Boot = "0000000000000001"
		st.Counters = herd.Counters{IAMAT: 1000, WHATSAT: 10, Invalid: 1, PeerTaken: 5, PeerStale: 5}
		st.Connections, st.Records = 10*i, 100-i
		st.Upstream = &herd.UpstreamStatus{Requests: 7}
	}
	first = h.seen(t)
	for i, s := range h.config.Servers {
		st := h.status[s.Name]
		st.Time = noon.Add(2 * time.Second)
		st.Counters.IAMAT += uint64(300 * i)
		st.Counters.WHATSAT += uint64(i)
		st.Counters.PeerTaken += 9
		st.Upstream = &herd.UpstreamStatus{Requests: 9}
		st.Answers = herd.AnswerStatus{Count: uint64(i), Seconds: float64(i) / 4}
		st.Loop = &herd.LoopStatus{Slowest: float64(i) / 50, Callback: "timer main." + s.Name}
	}
	h.status["Gasol"].Boot = "0000000000000002"
	h.link("Hill", "Meeks").Losses = []herd.Loss{{At: noon.Add(-7 * time.Second), Reason: "silent"}}
	h.link("Hill", "Meeks").Waiting = 2048
	h.link("Meeks", "Hill").Losses = []herd.Loss{{At: noon.Add(-time.Minute), Reason: "lost"}}
	second = h.seen(t)
	// How long pages took is this machine's affair.
	for _, o := range []*overview{first, second} {
		for i := range o.Servers {
			o.Servers[i].Took = float64(len(o.Servers)-i) / 1000
		}
	}
	return first, second
}

func TestRatesAreWhatWasCountedBetweenTwoLooks(t *testing.T) {
	first, second := busyHerd(t)
	var f *frame
	if f = f.next(first); len(f.Rates) != 0 {
		t.Errorf("after one look there are rates: %+v", f.Rates)
	}
	f = f.next(second)
	var names []string
	for _, r := range f.Rates {
		names = append(names, r.Server)
	}
	if want := []string{"Farmar", "Hill", "Meeks", "Young"}; !slices.Equal(names, want) {
		t.Fatalf("there are rates of %q, want %q: Gasol was started anew", names, want)
	}
	want := rates{Server: "Young", Seconds: 2, Reports: 600, Questions: 2, FromPeers: 4.5, Upstream: 1, Wait: 0.25}
	if f.Rates[3] != want {
		t.Errorf("%+v, want %+v", f.Rates[3], want)
	}
	if sum := f.total(); sum.Reports != 0+300+450+600 {
		t.Errorf("the sum is %+v", sum)
	}
	before, after := *second.Servers[0].Status, *second.Servers[0].Status
	for name, now := range map[string]time.Time{"that stands still": before.Time, "that is set back": before.Time.Add(-time.Hour)} {
		after.Time = now
		if _, known := ratesOf(&before, &after); known {
			t.Errorf("a clock %s gives a rate", name)
		}
	}
	if _, known := ratesOf(nil, &after); known {
		t.Error("a server that was down gives a rate")
	}
}

// shows is the screen's first words in each line of a table, from below its head.
func shows(m *topModel, head string, rows int) (first []string) {
	lines := strings.Split(m.view(200, 40), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, head) })
	for _, l := range lines[at+1:][:rows] {
		first = append(first, l[:strings.Index(l+"  ", "  ")])
	}
	return first
}

func TestKeysSortTheTables(t *testing.T) {
	first, second := busyHerd(t)
	second.Servers[1].Status, second.Servers[1].Error = nil, "down: connection refused"
	second.Links[2].Ends[0].View, second.Links[3].Ends[0].View = viewUnreached, viewUnreached
	m := &topModel{}
	m.saw(first)
	m.saw(second)
	config := []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"}
	links := []string{"Farmar - Meeks", "Farmar - Young", "Gasol - Meeks", "Gasol - Young", "Hill - Meeks"}
	for _, step := range []struct {
		keys    string
		servers []string
		links   []string
	}{
		{"", config, links},
		{"r", config, links}, // there is nothing to reverse yet
		{"right", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, links},
		{"right right", []string{"Young", "Meeks", "Hill", "Farmar", "Gasol"}, links},
		{"r", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, links},
		{"r left left left", config, links},
		{"left left left", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, links},
		{"tab left", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, []string{"Hill - Meeks", "Farmar - Meeks", "Farmar - Young", "Gasol - Meeks", "Gasol - Young"}},
		{"left left left left", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, []string{"Gasol - Meeks", "Gasol - Young", "Farmar - Meeks", "Farmar - Young", "Hill - Meeks"}},
		{"x \x1b[99~ Q", []string{"Farmar", "Hill", "Meeks", "Young", "Gasol"}, []string{"Gasol - Meeks", "Gasol - Young", "Farmar - Meeks", "Farmar - Young", "Hill - Meeks"}},
	} {
		for _, key := range strings.Fields(step.keys) {
			m.press(key)
		}
		if got := shows(m, "server", 5); !slices.Equal(got, step.servers) {
			t.Errorf("after %q the servers are %q, want %q", step.keys, got, step.servers)
		}
		if got := shows(m, "link", 5); !slices.Equal(got, step.links) {
			t.Errorf("after %q the links are %q, want %q", step.keys, got, step.links)
		}
	}
	if m.done {
		t.Error("it is done before q")
	}
	if m.press("q"); !m.done {
		t.Error("q does not end it")
	}
}

func TestTheScreenIsNeverLargerThanTheTerminal(t *testing.T) {
	_, second := busyHerd(t)
	m := &topModel{}
	checked := 0
	for _, seen := range []bool{false, true} {
		if seen {
			m.saw(second)
		}
		for width := range 120 {
			for height := range 30 {
				for range 3 {
					m.press("page down")
				}
				lines := strings.Split(m.view(width, height), "\n")
				if len(lines) != max(1, height) {
					t.Fatalf("%d lines where %d fit", len(lines), height)
				}
				for _, l := range lines {
					if utf8.RuneCountInString(l) > width {
						t.Fatalf("%d columns: %q", width, l)
					}
				}
				checked++
			}
		}
	}
	if checked != 2*120*30 {
		t.Errorf("%d screens checked", checked)
	}
}

func TestWhatDoesNotFitIsScrolledTo(t *testing.T) {
	_, second := busyHerd(t)
	m := &topModel{}
	m.saw(second)
	all := strings.Split(m.view(200, 40), "\n")
	if text := m.view(200, 6); !strings.HasPrefix(text, `herd "herd" at 12:00:00Z`) || !strings.Contains(text, "more lines below") {
		t.Errorf("%s", text)
	}
	m.press("down")
	m.press("down")
	m.press("up")
	if got := strings.Split(m.view(200, 6), "\n"); got[1] != all[2] {
		t.Errorf("one line down begins with %q", got)
	}
	for range 5 {
		m.press("page down")
	}
	text := m.view(200, 6)
	if !strings.Contains(text, "Hill - Meeks") || strings.Contains(text, "below") {
		t.Errorf("the end is\n%s", text)
	}
	for range 5 {
		m.press("page up")
	}
	m.press("up")
	if got := strings.Split(m.view(200, 6), "\n"); got[0] != all[0] {
		t.Errorf("up again it begins with %q", got[0])
	}
}

func TestTheSlowestCallbackIsNamed(t *testing.T) {
	first, second := busyHerd(t)
	m := &topModel{}
	m.saw(first)
	if text := m.view(200, 40); strings.Contains(text, "slowest turn of") {
		t.Errorf("nobody measures turns, and it shows\n%s", text)
	}
	m.saw(second)
	text := m.view(200, 40)
	if !strings.Contains(text, "\nslowest turn of the last minute or two: 80.00ms at Young, longest in: timer main.Young\n") {
		t.Errorf("it shows\n%s", text)
	}
	for range 11 { // to the column of slowest turns
		m.press("right")
	}
	if got := shows(m, "server", 5); !slices.Equal(got, []string{"Young", "Meeks", "Hill", "Gasol", "Farmar"}) {
		t.Errorf("by their slowest turns the servers are %q", got)
	}
}

func TestAPauseHoldsTheScreenStill(t *testing.T) {
	first, second := busyHerd(t)
	m := &topModel{}
	m.saw(first)
	m.press("space")
	held := m.view(200, 40)
	m.saw(second)
	if m.view(200, 40) != held || !strings.Contains(held, "PAUSED") {
		t.Error("it goes on in a pause")
	}
	m.press("space")
	if text := m.view(200, 40); text == held || !strings.Contains(text, "1350 IAMAT/s") {
		t.Errorf("after the pause it shows\n%s", text)
	}
}

func TestColoursTellWhatIsWrongAndOnlyWhereTheyAreWanted(t *testing.T) {
	h := linksThatFail()
	h.down["Young"] = true
	seen := h.seen(t)
	plain, coloured := &topModel{}, &topModel{coloured: true}
	plain.saw(seen)
	coloured.saw(seen)
	if text := plain.view(200, 40); strings.Contains(text, "\x1b") {
		t.Errorf("there is an escape in %q", text)
	}
	text := coloured.view(200, 40)
	for _, want := range []string{bold + red + `herd "herd"`, "\n" + red + "Young", "\n" + yellow + "Hill ", "\n" + yellow + "Farmar - Meeks", "\n" + red + "Farmar - Young", "\nFarmar  up"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	without := text
	for _, escape := range []string{bold, red, yellow, colourOff} {
		without = strings.ReplaceAll(without, escape, "")
	}
	if without != plain.view(200, 40) {
		t.Error("there is more to the colours than colour")
	}
}

func TestNothingThatAServerSaysReachesTheTerminal(t *testing.T) {
	m := &topModel{}
	m.saw(hostileHerd().seen(t))
	if text := m.view(2000, 40); strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
		t.Errorf("it says what a terminal would do: %q", text)
	}
}

func TestOffATerminalTopPrintsFrames(t *testing.T) {
	h := wellHerd()
	asked := 0
	h.pages["Hill"] = func(w http.ResponseWriter, _ *http.Request) {
		asked++
		st := *h.status["Hill"]
		st.Time = noon.Add(time.Duration(asked) * time.Second)
		st.Counters.IAMAT = uint64(40 * asked)
		text, _ := json.MarshalToString(st) // as those of the others
		_, _ = io.WriteString(w, text)
	}
	h.serve(t)
	dir := t.TempDir()
	args := []string{"top", "--once", "--interval", "100ms", "Hill"}
	for i := range h.config.Servers {
		args = append(args, "--set", fmt.Sprintf("servers[%d].http=%s", i, h.config.Servers[i].HTTP))
	}
	got := herdIn(t, dir, args...)
	if got.code != exitOK || got.err != "" || strings.Count(got.out, "server  state") != 1 || !strings.Contains(got.out, "; 40.0 IAMAT/s") || strings.Contains(got.out, "Young") {
		t.Errorf("exit code %d\n%s%s", got.code, got.out, got.err)
	}
	got = herdIn(t, dir, append(args, "--json")...)
	var f frame
	if err := json.UnmarshalFromString(got.out, &f); err != nil || got.code != exitOK || strings.Count(got.out, "\n") != 1 {
		t.Fatalf("exit code %d, %v:\n%s", got.code, err, got.out)
	}
	if len(f.Rates) != 1 || f.Rates[0].Server != "Hill" || f.Rates[0].Reports != 40 || f.Servers[0].Name != "Hill" {
		t.Errorf("%+v", f)
	}
}

func TestTopRefusesWhatItCannotDo(t *testing.T) {
	dir := t.TempDir()
	for args, says := range map[string]string{
		"top --interval 1ms": "--interval 1ms is too short",
		"top --timeout 0s":   "leaves no time",
		"top Nobody":         "the herd has Farmar",
	} {
		if got := herdIn(t, dir, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, says) || got.out != "" {
			t.Errorf("herd %s: %+v", args, got)
		}
	}
}
