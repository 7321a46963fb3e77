package standin

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// placesRead is what these tests read of an answer of the old Places.
type placesRead struct {
	Status  string
	Message string `json:"error_message"`
	Next    string `json:"next_page_token"`
	Results []struct {
		Name     string
		PlaceID  string `json:"place_id"`
		Types    []string
		Geometry struct {
			Location struct{ Lat, Lng float64 }
			Viewport struct{ Northeast, Southwest struct{ Lat, Lng float64 } }
		}
	}
}

// names are the results' names.
func (r placesRead) names() (names []string) {
	for _, result := range r.Results {
		names = append(names, result.Name)
	}
	return names
}

// getPlaces asks the old Places, whatever comes of it.
func getPlaces(t *testing.T, parameters string) (read placesRead, text string) {
	t.Helper()
	answer := asked{method: "GET", target: places.path + "?" + parameters}.of(New(Options{}))
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || answer.Code != 200 {
		t.Fatalf("%s: %d, %v", parameters, answer.Code, err)
	}
	return read, answer.Body.String()
}

func TestPlacesLookLikeGoogles(t *testing.T) {
	const want = `{
   "html_attributions" : [],
   "results" : [
      {
         "geometry" : {
            "location" : {
               "lat" : 34.0736,
               "lng" : -118.4004
            },
            "viewport" : {
               "northeast" : {
                  "lat" : 34.0870898,
                  "lng" : -118.3841142
               },
               "southwest" : {
                  "lat" : 34.0601102,
                  "lng" : -118.4166858
               }
            }
         },
         "icon" : "https://images.proxyherd.invalid/place_api/icons/geocode-71.png",
         "name" : "Beverly Hills",
         "place_id" : "PID",
         "reference" : "PID",
         "scope" : "GOOGLE",
         "types" : [ "locality", "political" ],
         "vicinity" : "Beverly Hills, US"
      }
   ],
   "status" : "OK"
}
`
	read, text := getPlaces(t, "location=34.068930,-118.445127&radius=5000&key=k")
	if len(read.Results) != 1 || !strings.HasPrefix(read.Results[0].PlaceID, "standin_") {
		t.Fatalf("%s", text)
	}
	if got := strings.ReplaceAll(text, read.Results[0].PlaceID, "PID"); got != want {
		t.Errorf("%s", got)
	}
	if _, text := getPlaces(t, "location=-48.9,-123.4&radius=1&key=k"); text != "{\n   \"html_attributions\" : [],\n   \"results\" : [],\n   \"status\" : \"ZERO_RESULTS\"\n}\n" {
		t.Errorf("%s", text)
	}
}

func TestPlacesTurnPages(t *testing.T) {
	inRange := gazetteer.Nearby(34.06893, -118.445127, 50, math.MaxInt)
	slices.SortStableFunc(inRange, func(a, b gazetteer.Place) int { return b.Population - a.Population })
	var names []string
	parameters := "location=34.068930,-118.445127&radius=50000&key=k"
	for page := range 3 {
		read, _ := getPlaces(t, parameters)
		if len(read.Results) != 20 || read.Status != "OK" || (read.Next == "") != (page == 2) {
			t.Fatalf("page %d has %d results, %s, next %q", page+1, len(read.Results), read.Status, read.Next)
		}
		names = append(names, read.names()...)
		parameters = "key=k&pagetoken=" + read.Next
	}
	for i, name := range names {
		if name != inRange[i].Name {
			t.Errorf("result %d is %s, not %s", i, name, inRange[i].Name)
		}
	}
	if len(inRange) <= 60 || names[0] != "Los Angeles" {
		t.Errorf("%d in range, the first is %s", len(inRange), names[0])
	}
}

func TestPlacesSearch(t *testing.T) {
	near, _ := getPlaces(t, "location=34.068930,-118.445127&rankby=distance&type=locality&key=k")
	first, _ := getPlaces(t, "key=k&pagetoken="+near.Next)
	if names := near.names(); len(names) != 20 || names[0] != "Beverly Hills" || names[1] != "Santa Monica" || len(first.Results) != 20 || slices.Contains(names, first.Results[0].Name) {
		t.Errorf("%v, then %v", names, first.names())
	}
	for parameters, want := range map[string]string{"keyword=hills": "Hills", "name=MONICA": "Monica", "keyword=no+such+place": "", "type=restaurant": "", "type=political&keyword=beverly": "Beverly"} {
		read, _ := getPlaces(t, "location=34.068930,-118.445127&radius=20000&key=k&"+parameters)
		for _, name := range read.names() {
			if want == "" || !strings.Contains(name, want) {
				t.Errorf("%s finds %s", parameters, name)
			}
		}
		if (len(read.Results) == 0) != (want == "") || (read.Status == "OK") != (want != "") {
			t.Errorf("%s: %s, %v", parameters, read.Status, read.names())
		}
	}
}

func TestPlacesRefuse(t *testing.T) {
	if read, _ := getPlaces(t, "location=1,2&radius=5"); read.Status != "REQUEST_DENIED" || read.Message == "" {
		t.Errorf("without a key: %+v", read)
	}
	token := func(parameters string) string {
		return "pagetoken=" + base64.RawURLEncoding.EncodeToString([]byte(parameters))
	}
	for parameters, want := range map[string]refusal{
		"":                               errLocation,
		"location=1":                     errLocation,
		"location=91,0&radius=1":         errLocation,
		"location=1,181&radius=1":        errLocation,
		"location=1,2,3&radius=1":        errLocation,
		"location=1,2":                   errRadius,
		"location=1,2&radius=0":          errRadius,
		"location=1,2&radius=-1":         errRadius,
		"location=1,2&radius=50000.1":    errRadius,
		"location=1,2&radius=x":          errRadius,
		"location=1,2&rankby=prominence": errRadius,
		"location=1,2&rankby=colour":     errRankBy,
		"location=1,2&rankby=distance":   errDistanceFor,
		"location=1,2&rankby=distance&type=locality&radius=1": errNotBoth,
		"pagetoken=x": errPageToken, "pagetoken=*": errPageToken, token("from=20"): errLocation, token("from=60"): errPageToken,
		token("from=-1"): errPageToken, token("from=%zz"): errPageToken, "x=%zz": errParameters,
	} {
		if read, _ := getPlaces(t, "key=k&"+parameters); read.Status != "INVALID_REQUEST" || read.Message != string(want) {
			t.Errorf("%s: %s, %q instead of %q", parameters, read.Status, read.Message, want)
		}
	}
}

func TestViewports(t *testing.T) {
	checked := 0
	for _, p := range gazetteer.Nearby(0, 180, 30000, math.MaxInt) {
		b := boxAround(p)
		if b.south >= p.Lat || p.Lat >= b.north || b.south < -90 || b.north > 90 || b.west < -180 || b.east > 180 {
			t.Errorf("%+v: %+v", p, b)
		}
		// A box over the antimeridian has its west in the east.
		if inside := b.west < p.Lon && p.Lon < b.east; !inside && b.west < b.east {
			t.Errorf("%+v: %+v", p, b)
		}
		for _, side := range []float64{p.DistanceKM(b.north, p.Lon), p.DistanceKM(p.Lat, b.east), p.DistanceKM(p.Lat, b.west)} {
			if math.Abs(side-1.5) > 0.01 {
				t.Errorf("%s is %v km from its box's side", p.Name, side)
			}
		}
		checked++
	}
	if checked < 25000 {
		t.Errorf("only %d places were checked", checked)
	}
	if got := degrees(180.5); got != -179.5 {
		t.Errorf("180.5 is %v", got)
	}
	if got := degrees(-180.5); got != 179.5 {
		t.Errorf("-180.5 is %v", got)
	}
}
