package main

import (
	"encoding/xml"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd"
)

// graphOf is a herd of these links, "A-B" each; a name alone is a server without.
func graphOf(t *testing.T, links ...string) *herd.Topology {
	t.Helper()
	var servers []herd.Server
	at := func(name string) *herd.Server {
		i := slices.IndexFunc(servers, func(s herd.Server) bool { return s.Name == name })
		if i < 0 {
			i = len(servers)
			servers = append(servers, herd.Server{Name: name, Clients: name + ":1", Peers: name + ":2"})
		}
		return &servers[i]
	}
	for _, link := range links {
		a, b, two := strings.Cut(link, "-")
		at(a)
		if two {
			at(b).TalksTo = append(at(b).TalksTo, a)
			at(a).TalksTo = append(at(a).TalksTo, b)
		}
	}
	topology, err := herd.NewTopology(servers)
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

func TestAGraphIsDrawnAsATree(t *testing.T) {
	for _, test := range []struct {
		links []string
		want  string
	}{
		{[]string{"A"}, "A\n"},
		{[]string{"A", "B-C"}, "A\nB\n`-- C\n"},
		{[]string{"A-B", "B-C", "C-A"}, "A\n|-- B\n`-- C, linked to B too\n"},
		{[]string{"A-B", "B-C", "B-D", "C-E", "E-D", "D-C"}, "B\n|-- A\n|-- C\n|   `-- E\n`-- D, linked to C, E too\n"},
		{[]string{"A-B", "B-C", "C-D", "D-E"}, "B\n|-- A\n`-- C\n    `-- D\n        `-- E\n"},
	} {
		got := textGraph(graphOf(t, test.links...))
		if got != test.want {
			t.Errorf("%q is drawn as\n%swant\n%s", test.links, got, test.want)
		}
	}
}

func TestTheServersThatAHerdHangsOnAreFound(t *testing.T) {
	for _, test := range []struct {
		links []string
		want  []string
	}{
		{[]string{"A"}, nil},
		{[]string{"A-B"}, nil},
		{[]string{"A-B", "B-C", "C-A"}, nil},
		{[]string{"A-B", "B-C"}, []string{"Without B these cannot reach each other: (A) (C)."}},
		{[]string{"A-B", "B-C", "C-A", "C-D", "D-E", "X-Y"}, []string{
			"Without C these cannot reach each other: (A, B) (D, E).", "Without D these cannot reach each other: (A, B, C) (E)."}},
	} {
		var got []string
		for _, c := range cutsOf(graphOf(t, test.links...)) {
			got = append(got, c.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.links, got, test.want)
		}
	}
}

func TestThePictureHasEachServerAndEachLink(t *testing.T) {
	topology := graphOf(t, "A-B", "B-C", "<script>&\u202e-B", "Z")
	var lines, dots, red int
	var names []string
	for d, text := xml.NewDecoder(strings.NewReader(svgGraph(topology, cutsOf(topology)))), false; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			text = e.Name.Local == "text"
			switch e.Name.Local {
			case "line":
				lines++
			case "circle":
				dots++
				if slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "fill" && a.Value == "#b03030" }) {
					red++
				}
			case "svg", "rect", "text", "title":
			default:
				t.Errorf("there is a <%s>", e.Name.Local)
			}
		case xml.CharData:
			if text {
				names = append(names, string(e))
			}
		case xml.EndElement:
			text = false
		}
	}
	if lines != 3 || dots != 5 || red != 1 {
		t.Errorf("%d lines, %d dots, %d of them red", lines, dots, red)
	}
	if want := []string{"A", "B", "C", `<script>&\u202e`, "Z"}; !slices.Equal(names, want) {
		t.Errorf("the names are %q", names)
	}
}

func TestWhoAnswersIsReached(t *testing.T) {
	here, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	config := herd.Config{Servers: []herd.Server{
		{Name: "A", Clients: here.Addr().String(), Peers: "127.0.0.1:0"},
		{Name: "B", Clients: here.Addr().String(), HTTP: "127.0.0.1:1"},
	}}
	got := reach(t.Context(), config, deadline)
	if len(got) != 4 || !got[0].Reached || !got[1].Skipped || !got[2].Reached || got[3].Error != "connection refused" || got[3].Port != "http" {
		t.Errorf("%+v", got)
	}
	if err := reachVerdict(got); !errors.Is(err, errUnreached) || !strings.HasSuffix(err.Error(), "1 of 3 were not") {
		t.Errorf("%v", err)
	}
	if err := reachVerdict(got[:3]); err != nil {
		t.Errorf("%v", err)
	}
	if text := reachTable(got); !strings.Contains(text, "A       peers    127.0.0.1:0") || !strings.Contains(text, "not reached: connection refused") {
		t.Errorf("%s", text)
	}
	if text := whyUnreached(&net.OpError{Op: "dial", Err: timedOut{}}, deadline); text != "no answer within 1m0s; --timeout gives it longer" {
		t.Errorf("%s", text)
	}
}

// timedOut is what a dialler says when the time is up.
type timedOut struct{}

func (timedOut) Error() string { return "i/o timeout" }
func (timedOut) Timeout() bool { return true }
