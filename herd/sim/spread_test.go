package sim

import (
	"encoding/xml"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What updates cost is what the formulas say, on every kind of graph.
func TestUpdatesCostWhatTheFormulasSay(t *testing.T) {
	for _, c := range []struct {
		graph                   string
		servers, messages, hops int // hops: of the update that has the most; 0: not said
	}{
		{"builtin", 5, 6, 3}, {"ring", 30, 31, 15}, {"tree:3", 40, 39, 6}, {"mesh", 12, 121, 1}, {"regular:6", 100, 501, 0}, {"random", 50, 0, 0},
	} {
		r, err := Spread(SpreadOptions{Graph: c.graph, Servers: c.servers, Seed: 1, Updates: 5, Latency: time.Millisecond})
		if err != nil {
			t.Errorf("%s: %v", c.graph, err)
			continue
		}
		hops := 0
		for _, u := range r.Updates {
			hops = max(hops, u.Hops)
			if u.All != float64(u.Hops)*1e-3 || u.Half > u.Most || u.Most > u.All || u.Reached[u.Hops] != c.servers || u.Reached[0] != 1 {
				t.Errorf("%s: %+v", c.graph, u)
			}
		}
		if !r.Exact() || len(r.Updates) != 5 || c.messages != 0 && r.Formula != c.messages || c.hops != 0 && hops != c.hops {
			t.Errorf("%s: %+v", c.graph, r)
		}
	}
}

// A herd of 5,000 servers fits in 4 GB: one that is smaller, in so much less.
func TestALargeHerdFitsInMemory(t *testing.T) {
	r, err := Spread(SpreadOptions{Graph: "regular:6", Servers: serversOfTheTest, Seed: 1, Updates: 1, Latency: time.Millisecond})
	if err != nil || !r.Exact() {
		t.Fatalf("%+v, %v", r, err)
	}
	var used runtime.MemStats
	runtime.ReadMemStats(&used)
	if most := uint64(4<<30) * serversOfTheTest / 5000; used.Sys > most {
		t.Errorf("the process has taken %d MB for %d servers, and %d MB are allowed", used.Sys>>20, serversOfTheTest, most>>20)
	}
}

func TestAReportIsNotExactWhereAnUpdateIsNot(t *testing.T) {
	for _, u := range []Update{{Messages: 7, Hops: 2, Eccentricity: 2}, {Messages: 6, Hops: 3, Eccentricity: 2}} {
		if r := (SpreadReport{Formula: 6, Updates: []Update{u}}); r.Exact() {
			t.Errorf("%+v is exact", u)
		}
	}
}

func TestTableAndPicture(t *testing.T) {
	r, err := Spread(SpreadOptions{Graph: "ring", Servers: 10, Seed: 1, Updates: 2, Latency: 2 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var table, picture strings.Builder
	if err := errors.Join(r.Write(&table), r.WriteSVG(&picture)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"ring: 10 servers, 10 links; 2E - (N - 1) is 11", "S0001", "S0006", "10.000"} {
		if !strings.Contains(table.String(), text) {
			t.Errorf("the table does not say %q:\n%s", text, table.String())
		}
	}
	paths := 0
	for d := xml.NewDecoder(strings.NewReader(picture.String())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v\n%s", err, picture.String())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "path" {
			paths++
		}
	}
	if paths != 5+2 { // a line for each quarter, and one for each update
		t.Errorf("the picture has %d lines", paths)
	}
}

func TestSpreadOnNoGraph(t *testing.T) {
	if _, err := Spread(SpreadOptions{Graph: "star", Servers: 5}); !errors.Is(err, ErrBadGraph) {
		t.Error(err)
	}
}
