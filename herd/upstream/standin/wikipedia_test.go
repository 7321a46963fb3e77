package standin

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

const geosearch = "action=query&list=geosearch&format=json&"

// askWiki asks Wikipedia; a bar may stand in parameters as it is.
func askWiki(parameters string) *httptest.ResponseRecorder {
	return asked{method: "GET", target: wikipedia.path + "?" + strings.ReplaceAll(parameters, "|", "%7C")}.of(New(Options{}))
}

// titles reads the titles of an answer.
func titles(t *testing.T, answer *httptest.ResponseRecorder) (titles []string) {
	t.Helper()
	var read struct {
		Query *struct{ GeoSearch []struct{ Title string } }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || answer.Code != 200 || read.Query == nil {
		t.Fatalf("%d %s, %v", answer.Code, answer.Body, err)
	}
	for _, page := range read.Query.GeoSearch {
		titles = append(titles, page.Title)
	}
	return titles
}

func TestWikipediaLooksLikeItself(t *testing.T) {
	const page = `"ns":0,"title":"Beverly Hills","lat":34.0736,"lon":-118.4004,"dist":4152.3,"primary":`
	answer := askWiki(geosearch + "gscoord=34.068930|-118.445127&gsradius=5000")
	if got := answer.Body.String(); !strings.HasPrefix(got, `{"batchcomplete":"","query":{"geosearch":[{"pageid":`) || !strings.HasSuffix(got, page+`""}]}}`) {
		t.Errorf("%s", got)
	}
	answer = askWiki(geosearch + "gscoord=34.068930|-118.445127&gsradius=5000&formatversion=2")
	if got := answer.Body.String(); !strings.HasPrefix(got, `{"batchcomplete":true,"query":{"geosearch":[{"pageid":`) || !strings.HasSuffix(got, page+`true}]}}`) {
		t.Errorf("%s", got)
	}
	if got := askWiki(geosearch + "gscoord=-48.9|-123.4").Body.String(); got != `{"batchcomplete":"","query":{"geosearch":[]}}` {
		t.Errorf("%s", got)
	}
	// Version 1 is ASCII, version 2 is not; neither escapes slashes.
	old, modern := askWiki(geosearch+"gscoord=46.2|6.15&gsradius=5000").Body.String(), askWiki(geosearch+"gscoord=46.2|6.15&gsradius=5000&formatversion=latest").Body.String()
	if !strings.Contains(old, `Gen\u00e8ve`) || !strings.Contains(modern, `Genève`) {
		t.Errorf("%s\n%s", old, modern)
	}
}

func TestWikipediaBounds(t *testing.T) {
	const la = geosearch + "gscoord=34.05|-118.24&"
	counts := map[string]int{}
	for _, parameters := range []string{"gsradius=10", "", "gsradius=10000", "gsradius=10000&gslimit=1", "gsradius=10000&gslimit=500", "gsradius=10000&gslimit=max"} {
		counts[parameters] = len(titles(t, askWiki(la+parameters)))
	}
	all := counts["gsradius=10000&gslimit=500"]
	if counts["gsradius=10"] != 0 || counts["gsradius=10000"] != 10 || counts["gsradius=10000&gslimit=1"] != 1 || all <= 10 || counts["gsradius=10000&gslimit=max"] != all {
		t.Errorf("%v", counts)
	}
	for limit, want := range map[string]int{"0": 1, "-5": 1, "501": all} {
		answer := askWiki(la + "gsradius=10000&gslimit=" + limit)
		if n := len(titles(t, answer)); n != want || !strings.Contains(answer.Body.String(), `,"warnings":{"geosearch":{"*":"The value \"`+limit+`\" for parameter \"gslimit\" must be`) {
			t.Errorf("limit %s: %d, %s", limit, n, answer.Body)
		}
	}
	if answer := askWiki(la + "gslimit=0&formatversion=2"); !strings.Contains(answer.Body.String(), `"warnings":{"geosearch":{"warnings":"The value`) {
		t.Errorf("%s", answer.Body)
	}
}

func TestWikipediaRefuses(t *testing.T) {
	for parameters, want := range map[string]string{
		"":                                       "badvalue",
		"action=query&list=geosearch":            "badvalue",
		"action=parse&list=geosearch":            "badvalue",
		"action=query&format=json":               "badvalue",
		geosearch + "formatversion=3":            "badvalue",
		geosearch:                                "missingparam",
		geosearch + "gscoord=1":                  "invalid-coord",
		geosearch + "gscoord=1|":                 "invalid-coord",
		geosearch + "gscoord=1|2|3":              "invalid-coord",
		geosearch + "gscoord=91|2":               "invalid-coord",
		geosearch + "gscoord=1|-181":             "invalid-coord",
		geosearch + "gscoord=1,2":                "invalid-coord",
		geosearch + "gscoord=1|2&gsradius=9":     "outofrange",
		geosearch + "gscoord=1|2&gsradius=10001": "outofrange",
		geosearch + "gscoord=1|2&gsradius=1e3":   "badinteger",
		geosearch + "gscoord=1|2&gslimit=many":   "badinteger",
		"x=%zz":                                  "badquery",
	} {
		answer := askWiki(parameters)
		var read struct {
			Error    struct{ Code, Info string }
			ServedBy string
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || answer.Code != 200 || read.Error.Code != want || read.Error.Info == "" || read.ServedBy == "" {
			t.Errorf("%s: %d %s, %v", parameters, answer.Code, answer.Body, err)
		}
		if code := answer.Header().Get("MediaWiki-API-Error"); code != want {
			t.Errorf("%s: the head says %q", parameters, code)
		}
	}
}
