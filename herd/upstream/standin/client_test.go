package standin_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
	"proxyherd/herd/upstream/standin/internal/contract"
)

// dial makes a client of a kind for a stand-in, at the path of the kind's own service. It is closed when the test ends.
func dial(t *testing.T, kind upstream.Kind, address string, timeout time.Duration) *upstream.Client {
	t.Helper()
	own, err := url.Parse(kind.Service().URL)
	if err != nil {
		t.Fatal(err)
	}
	key, err := upstream.NewKey("any-key-will-do")
	if err != nil {
		t.Fatal(err)
	}
	client, err := upstream.New(upstream.Config{Kind: kind, URL: address + own.Path, Key: key, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// everyKind runs a test for each kind of the client's, with its contract.
func everyKind(t *testing.T, test func(t *testing.T, kind upstream.Kind, service contract.Service)) {
	t.Helper()
	ran := 0
	for _, name := range upstream.Names() {
		kind, err := upstream.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		service, err := contract.Of(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { test(t, kind, service) })
		ran++
	}
	if ran != 6 {
		t.Errorf("there are %d kinds, not 6", ran)
	}
}

// listOf is the list in a line that a limit bounds; a line without one has none.
func listOf(t *testing.T, kind upstream.Kind, line []byte) []any {
	t.Helper()
	var value any
	if err := json.Unmarshal(line, &value); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	for _, key := range kind.List() {
		value = value.(map[string]any)[key]
	}
	list, _ := value.([]any)
	return list
}

// positionOf reads where an element says that it is; most tweets do not say.
func positionOf(element any) (lat, lon float64, ok bool) {
	for _, path := range []struct{ lat, lon string }{
		{"lat", "lon"}, {"geometry.location.lat", "geometry.location.lng"}, {"location.latitude", "location.longitude"},
		{"geo.coordinates.coordinates.1", "geo.coordinates.coordinates.0"}, {"geo.coordinates.0", "geo.coordinates.1"},
	} {
		lat, okLat := numberAt(element, path.lat)
		lon, okLon := numberAt(element, path.lon)
		if okLat && okLon {
			return lat, lon, true
		}
	}
	return 0, 0, false
}

// numberAt follows a path of keys and numbers of elements.
func numberAt(value any, path string) (n float64, ok bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch inside := value.(type) {
		case map[string]any:
			value = inside[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inside) {
				return 0, false
			}
			value = inside[i]
		default:
			return 0, false
		}
	}
	n, ok = value.(float64)
	return n, ok
}

// kilometres is the distance of two points by the haversine formula: another one than the gazetteer's.
func kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const radian = math.Pi / 180
	north, east := math.Sin((lat2-lat1)*radian/2), math.Sin((lon2-lon1)*radian/2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(north*north+math.Cos(lat1*radian)*math.Cos(lat2*radian)*east*east))
}

// TestEveryKindGetsWhatIsNear asks as a WHATSAT does.
func TestEveryKindGetsWhatIsNear(t *testing.T) {
	server := httptest.NewServer(standin.New(standin.Options{}))
	defer server.Close()
	everyKind(t, func(t *testing.T, kind upstream.Kind, service contract.Service) {
		client := dial(t, kind, server.URL, time.Minute)
		for _, place := range []struct {
			name, lat, lon, radius string
			least                  int // results that the gazetteer has at least
		}{
			{"Los Angeles", "+34.068930", "-118.445127", "9.5", 5},
			{"Tokyo", "+35.6895", "+139.6917", "10", 1},
			{"the antimeridian", "-16.79", "-179.99", "9.5", 0},
			{"nowhere", "-48.9", "-123.4", "1", 0},
		} {
			for _, limit := range []int{0, 1, 5, 20} {
				q := upstream.Query{Latitude: place.lat, Longitude: place.lon, Radius: place.radius, Limit: limit}
				got := client.Fetch(t.Context(), q)
				if got.Err != nil || got.Status != 200 || !json.Valid(got.Line) || strings.ContainsAny(string(got.Line), "\r\n") {
					t.Fatalf("%s, limit %d: %d, %v, %.300s", place.name, limit, got.Status, got.Err, got.Line)
				}
				if report := service.Answers.Check(got.Line); len(report.Wrong)+len(report.Unknown) > 0 {
					t.Errorf("%s, limit %d: %q, unknown %q", place.name, limit, report.Wrong, report.Unknown)
				}
				list := listOf(t, kind, got.Line)
				if len(list) > limit || len(list) < min(limit, place.least) {
					t.Errorf("%s, limit %d: %d results", place.name, limit, len(list))
				}
				isNear(t, list, place.lat, place.lon, place.radius)
			}
		}
	})
}

// isNear checks that what says where it is, is within the radius; of five, one says so at least.
func isNear(t *testing.T, list []any, lat, lon, radius string) {
	t.Helper()
	var centre [3]float64
	for i, text := range []string{lat, lon, radius} {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		centre[i] = n
	}
	located := 0
	for _, element := range list {
		lat, lon, ok := positionOf(element)
		if !ok {
			continue
		}
		located++
		away := kilometres(centre[0], centre[1], lat, lon)
		if away > centre[2] {
			t.Errorf("%v is %v km away", element, away)
		}
		if dist, told := numberAt(element, "dist"); told && math.Abs(dist-away*1000) > 0.1 {
			t.Errorf("%v is %v m away", element, away*1000)
		}
	}
	if len(list) >= 5 && located == 0 {
		t.Errorf("none of %d says where it is", len(list))
	}
}

// TestEveryKindSurvivesEveryFault has the stand-in misbehave in every way, and wants an error in the kind's form.
func TestEveryKindSurvivesEveryFault(t *testing.T) {
	faults := []struct {
		name    string
		options standin.Options
		status  int // 0: whatever the kind has for it
		err     error
	}{
		{"slow", standin.Options{Delay: time.Hour}, 0, upstream.ErrTimeout},
		{"fail", standin.Options{FailEvery: 1}, 0, upstream.ErrRefused},
		{"fail with 502", standin.Options{FailEvery: 1, FailStatus: 502}, 0, upstream.ErrRefused},
		{"rate limit", standin.Options{RateLimitEvery: 1}, 0, upstream.ErrLimited},
		{"garbage", standin.Options{GarbageEvery: 1}, 200, upstream.ErrNotJSON},
		{"truncate", standin.Options{TruncateEvery: 1}, 200, upstream.ErrCutOff},
		{"huge", standin.Options{HugeEvery: 1}, 200, upstream.ErrTooLong},
	}
	everyKind(t, func(t *testing.T, kind upstream.Kind, service contract.Service) {
		for _, fault := range faults {
			t.Run(fault.name, func(t *testing.T) {
				server := httptest.NewServer(standin.New(fault.options))
				defer server.Close()
				timeout := time.Minute
				if fault.options.Delay > 0 {
					timeout = 50 * time.Millisecond // it is not to be waited for
				}
				got := dial(t, kind, server.URL, timeout).Fetch(t.Context(), nearLosAngeles)
				if !errors.Is(got.Err, fault.err) || fault.status != 0 && got.Status != fault.status {
					t.Errorf("%d, %v", got.Status, got.Err)
				}
				report := service.Errors.Check(got.Line)
				if len(report.Wrong)+len(report.Unknown) > 0 || kind.ErrorText(got.Line) == "" || strings.ContainsAny(string(got.Line), "\r\n") {
					t.Errorf("%.300s: %q, unknown %q", got.Line, report.Wrong, report.Unknown)
				}
			})
		}
	})
}

var nearLosAngeles = upstream.Query{Latitude: "+34.068930", Longitude: "-118.445127", Radius: "9", Limit: 5}
