package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
)

// noon is when all is looked at, by every clock that is right.
var noon = time.Date(2016, 11, 17, 12, 0, 0, 0, time.UTC)

func before(d time.Duration) time.Time { return noon.Add(-d) }

// staged is a herd of pages: the built-in herd, as each test has it say that it is.
type staged struct {
	config herd.Config
	status map[string]*herd.Status
	pages  map[string]http.HandlerFunc // instead of the status
	down   map[string]bool
}

// wellHerd has five servers that have been up for three hours, and five links in
// sync.
func wellHerd() *staged {
	h := &staged{
		config: herd.Default(), status: make(map[string]*herd.Status),
		pages: make(map[string]http.HandlerFunc), down: make(map[string]bool),
	}
	for _, s := range h.config.Servers {
		st := &herd.Status{
			Name: s.Name, Design: "reactor", Started: before(3*time.Hour + 5*time.Minute), Time: noon,
			Clients: s.Clients, Peers: s.Peers, Connections: 12, Records: 100_000, RecordBytes: 8_493_466,
			Root: "3fa9c0de77112233",
		}
		for _, peer := range s.TalksTo {
			st.Links = append(st.Links, herd.LinkStatus{
				Peer: peer, Up: true, RoundTrip: 0.000412, Sync: herd.InSync, Checked: before(12 * time.Second), Opened: 1,
			})
		}
		h.status[s.Name] = st
	}
	return h
}

// link is what a server says of its link to a neighbour.
func (h *staged) link(server, peer string) *herd.LinkStatus {
	for i := range h.status[server].Links {
		if l := &h.status[server].Links[i]; l.Peer == peer {
			return l
		}
	}
	panic("the test has no link from " + server + " to " + peer)
}

// serve opens the pages.
func (h *staged) serve(t *testing.T) {
	t.Helper()
	for i := range h.config.Servers {
		s := &h.config.Servers[i]
		if s.HTTP == "" {
			continue
		}
		if h.down[s.Name] {
			// A port of its own: one that was just closed, the next page could get.
			free, err := freeport.Find(1)
			if err != nil {
				t.Fatal(err)
			}
			s.HTTP = free[0]
			continue
		}
		page := h.pages[s.Name]
		if page == nil {
			text, err := json.Marshal(h.status[s.Name])
			if err != nil {
				t.Fatal(err)
			}
			page = func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(text) } // fails if nobody asks any more
		}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /status.json", page)
		server := httptest.NewServer(mux)
		s.HTTP = server.Listener.Addr().String()
		t.Cleanup(server.Close)
	}
}

// seen is what a lookout with a clock that stands at noon sees.
func (h *staged) seen(t *testing.T, names ...string) *overview {
	t.Helper()
	h.serve(t)
	look := lookout{timeout: deadline, now: func() time.Time { return noon }}
	o, err := look.over(t.Context(), h.config, names)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// said is text with a name for each page's address, which is another each time.
func (h *staged) said(text string) string {
	for _, s := range h.config.Servers {
		if s.HTTP != "" {
			text = strings.ReplaceAll(text, s.HTTP, s.Name+":http")
		}
	}
	return text
}

// pagesThatFail has one server that is down, and four that fail in other ways.
func pagesThatFail() *staged {
	h := wellHerd()
	h.down["Farmar"] = true
	h.config.Servers[1].HTTP = ""
	h.pages["Hill"] = func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the server's loop has not answered within 1s", http.StatusServiceUnavailable)
	}
	h.pages["Meeks"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>\n<body>It works!") }
	h.status["Young"].Name = "Old"
	return h
}

// linksThatFail has something else the matter with each link.
func linksThatFail() *staged {
	h := wellHerd()
	half := h.link("Young", "Farmar")
	*half = herd.LinkStatus{Peer: "Farmar", Sync: herd.Unknown, Opened: 6}
	for i, why := range []string{"silent", "refused", "bad_proof", "silent", "connection_lost"} {
		half.Losses = append(half.Losses, herd.Loss{At: before(time.Duration(5-i) * 70 * time.Second), Reason: why})
	}
	for i, l := range []*herd.LinkStatus{h.link("Farmar", "Meeks"), h.link("Meeks", "Farmar")} {
		l.Sync, l.Differ, l.Checked = herd.Behind, 3, before(time.Duration(i+4)*time.Second)
		l.Resync = herd.Resync{At: before(26 * time.Hour), RoundTrips: 4, Sent: 12, Received: 3, Bytes: 4200}
	}
	h.link("Meeks", "Farmar").Resync.At = time.Time{}
	h.link("Farmar", "Meeks").Clock = 0.0002 // less than the way takes
	h.link("Gasol", "Young").Resync = herd.Resync{At: before(2 * time.Hour), RoundTrips: 1, Sent: 99}
	h.link("Young", "Gasol").Resync = herd.Resync{At: before(time.Hour), RoundTrips: 1, Received: 7, Bytes: 700}
	h.link("Hill", "Meeks").Resync = herd.Resync{At: noon, RoundTrips: 2, Bytes: 16}
	h.link("Gasol", "Meeks").Checked = before(2 * time.Minute)
	h.link("Gasol", "Meeks").Waiting = 70_000
	h.link("Gasol", "Meeks").Changed = 1
	h.link("Gasol", "Meeks").Dumping = true
	h.link("Meeks", "Gasol").Checked = time.Time{}
	h.link("Gasol", "Meeks").Resync = herd.Resync{At: before(5 * time.Second), RoundTrips: 3, Sent: 1}
	h.link("Meeks", "Gasol").Resync = herd.Resync{At: before(50 * time.Second), RoundTrips: 3, Sent: 99}
	h.link("Gasol", "Young").Clock = -200
	h.link("Young", "Gasol").Clock, h.link("Young", "Gasol").RoundTrip = 200.5, 1.25
	// Meeks knows nothing of Hill, and Hill of a server that the config has not.
	h.status["Meeks"].Links = h.status["Meeks"].Links[:2]
	h.status["Hill"].Links = append(h.status["Hill"].Links, herd.LinkStatus{Peer: "Zed", Sync: "maybe"})
	h.status["Hill"].Closed = map[string]int64{"idle": 3, "connections": 12, "never": 0, "bad_hello": 3, "a": 1, "b": 1, "c": 1, "d": 1}
	h.status["Hill"].Clients = ""
	h.status["Young"].Stopping = true
	h.status["Young"].Time = before(1500 * time.Millisecond)
	h.status["Gasol"].Root = ""
	return h
}

// hostileHerd has a server that says what a terminal would do.
func hostileHerd() *staged {
	h := wellHerd()
	const evil = "\x1b[2J\r\n\u009b31m\u202e\x7f\U000e0001!"
	st := h.status["Farmar"]
	st.Root = evil
	st.Closed = map[string]int64{evil: -1}
	st.Links[0].Losses = []herd.Loss{{Reason: evil + strings.Repeat("x", 5000)}}
	st.Links = append(st.Links, herd.LinkStatus{Peer: evil}, herd.LinkStatus{Peer: evil})
	h.pages["Gasol"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, evil+"\xff\x9b") }
	h.pages["Hill"] = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, evil, http.StatusTeapot) }
	h.status["Young"].Name = evil
	return h
}
