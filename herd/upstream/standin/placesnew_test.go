package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// newRead is what these tests read of an answer of the new Places.
type newRead struct {
	Places []struct {
		Name, ID    string
		DisplayName struct{ Text string }
		Location    struct{ Latitude, Longitude float64 }
	}
	Error struct {
		Code            int
		Status, Message string
		Details         []struct {
			FieldViolations []struct{ Field string }
		}
	}
}

// askNew asks the new Places.
func askNew(body, mask string) *httptest.ResponseRecorder {
	return asked{method: "POST", target: placesNew.path, body: body, header: googleHeader(mask)}.of(New(Options{}))
}

// getNew asks for what must be answered.
func getNew(t *testing.T, body, mask string) (read newRead) {
	t.Helper()
	answer := askNew(body, mask)
	if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || answer.Code != 200 {
		t.Fatalf("%s: %d %s, %v", body, answer.Code, answer.Body, err)
	}
	return read
}

// around makes a body for a circle, with more fields before it.
func around(more, lat, lon, radius string) string {
	return fmt.Sprintf(`{%s"locationRestriction":{"circle":{"center":{"latitude":%s,"longitude":%s},"radius":%s}}}`, more, lat, lon, radius)
}

func TestPlacesNewLookLikeGoogles(t *testing.T) {
	const want = "{\n  \"places\": [\n    {\n      \"types\": [\n        \"locality\",\n        \"political\"\n      ],\n      \"location\": {\n        \"latitude\": 34.0736\n      },\n" +
		"      \"displayName\": {\n        \"text\": \"Beverly Hills\",\n        \"languageCode\": \"en\"\n      }\n    }\n  ]\n}\n"
	body := around("", "34.06893", "-118.445127", "5000")
	if got := askNew(body, "places.displayName,places.types,places.location.latitude").Body.String(); got != want {
		t.Errorf("%s", got)
	}
	if got := askNew(around("", "-48.9", "-123.4", "1"), "*").Body.String(); got != "{}\n" {
		t.Errorf("%q", got)
	}
}

// TestFieldMasksAreObeyed counts what is left of an answer.
func TestFieldMasksAreObeyed(t *testing.T) {
	body := around(`"maxResultCount":1,`, "34.06893", "-118.445127", "5000")
	all := "displayName formattedAddress id location name primaryType shortFormattedAddress types viewport"
	for mask, want := range map[string]string{
		"*": all, "places": all, "places.*": all, "places.id,places": all, "places,places.id": all, "places.id,*": all,
		"places.id": "id", "places.id,places.types": "id types", "places.types,places.id": "id types",
		"places.rating": "", "places.rating,places.name": "name", "places.viewport.low": "viewport{low}", "places.viewport.low,places.viewport": "viewport",
		"places.viewport.low.latitude,places.viewport.high,places.displayName.text": "displayName{text} viewport{high low}",
	} {
		var read struct{ Places []map[string]any }
		answer := askNew(body, mask)
		if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || len(read.Places) != 1 {
			t.Fatalf("%s: %v %s", mask, err, answer.Body)
		}
		if got := fieldsOf(read.Places[0], strings.Contains(want, "{")); got != want {
			t.Errorf("%s: %s, want %s", mask, got, want)
		}
	}
	if got := askNew(body, "routingSummaries").Body.String(); got != "{}\n" {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"$fields", "fields"} {
		a := asked{method: "POST", target: placesNew.path + "?" + name + "=places.id", body: body, header: googleHeader("")}
		if got := a.of(New(Options{})).Body.String(); strings.Count(got, `"`) != 6 || !strings.Contains(got, `"id": "standin_`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, mask := range []string{"", "displayName", "places.colour", "places.", ".", ",", "places.id,", "places.id, places.name", "places..id"} {
		answer := askNew(body, mask)
		if answer.Code != 400 || !strings.Contains(answer.Body.String(), `"field": "X-Goog-FieldMask"`) {
			t.Errorf("mask %q: %d %s", mask, answer.Code, answer.Body)
		}
	}
}

// fieldsOf names the fields of an object, in order, and those inside if that is wanted.
func fieldsOf(object map[string]any, inside bool) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if fields, ok := object[name].(map[string]any); ok && inside {
			name += "{" + fieldsOf(fields, false) + "}"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestPlacesNewSearch(t *testing.T) {
	const lat, lon = "34.06893", "-118.445127"
	if read := getNew(t, around("", lat, lon, "50000"), "*"); len(read.Places) != 20 || read.Places[0].DisplayName.Text != "Los Angeles" {
		t.Errorf("%d places: %+v", len(read.Places), read.Places)
	}
	read := getNew(t, around(`"rankPreference":"DISTANCE","maxResultCount":3,"languageCode":"en","regionCode":"US",`, lat, lon, "50000"), "*")
	if len(read.Places) != 3 || read.Places[0].DisplayName.Text != "Beverly Hills" || read.Places[0].Name != "places/"+read.Places[0].ID || read.Places[0].Location.Latitude != 34.0736 {
		t.Errorf("%+v", read.Places)
	}
	for more, want := range map[string]int{
		`"includedTypes":["restaurant","locality"],`: 1, `"includedTypes":["restaurant"],`: 0, `"includedTypes":[],`: 1, `"excludedTypes":["political"],`: 0,
		`"includedPrimaryTypes":["locality"],`: 1, `"includedPrimaryTypes":["political"],`: 0, `"excludedPrimaryTypes":["locality"],`: 0, `"excludedPrimaryTypes":["political"],`: 1,
		`"maxResultCount":0,`: 1, `"rankPreference":"POPULARITY",`: 1, `"rankPreference":"RANK_PREFERENCE_UNSPECIFIED",`: 1,
	} {
		if read := getNew(t, around(more, lat, lon, "5000"), "*"); len(read.Places) != want {
			t.Errorf("%s: %d places", more, len(read.Places))
		}
	}
}

func TestPlacesNewRefuse(t *testing.T) {
	a := good[4]
	a.header = map[string]string{"X-Goog-FieldMask": "*"}
	if answer := a.of(New(Options{})); answer.Code != 403 || !strings.Contains(answer.Body.String(), `"status": "PERMISSION_DENIED"`) {
		t.Errorf("without a key: %d %s", answer.Code, answer.Body)
	}
	for body, field := range map[string]string{
		"": "", "null": "location_restriction", "[]": "", "{": "", `{}`: "location_restriction", `{"locationRestriction":{}}`: "location_restriction",
		`{"locationRestriction":{"circle":{"radius":1}}}`: "location_restriction", `{"location":1}`: "", circleUCLA + "x": "",
		`{"LocationRestriction":{}}`:                                                      "",
		around(`"maxResultCount":21,`, "1", "2", "3"):                                     "max_result_count",
		around(`"maxResultCount":-1,`, "1", "2", "3"):                                     "max_result_count",
		around(`"maxResultCount":1.5,`, "1", "2", "3"):                                    "",
		around(`"includedTypes":"bar",`, "1", "2", "3"):                                   "",
		around(`"rankPreference":"NEAREST",`, "1", "2", "3"):                              "rank_preference",
		around("", "90.1", "2", "3"):                                                      "location_restriction.circle.center",
		around("", "1", "-180.1", "3"):                                                    "location_restriction.circle.center",
		around("", "1", "2", "0"):                                                         "location_restriction.circle.radius",
		around("", "1", "2", "50000.1"):                                                   "location_restriction.circle.radius",
		around("", "1", "2", "-1"):                                                        "location_restriction.circle.radius",
		around("", `"1"`, "2", "3"):                                                       "",
		`{"locationRestriction":{"circle":{"center":{"latitude":1,"lng":2},"radius":3}}}`: "",
	} {
		answer := askNew(body, "*")
		var read newRead
		if err := json.Unmarshal(answer.Body.Bytes(), &read); err != nil || answer.Code != 400 || read.Error.Code != 400 || read.Error.Status != "INVALID_ARGUMENT" || read.Error.Message == "" {
			t.Errorf("%s: %d %s, %v", body, answer.Code, answer.Body, err)
			continue
		}
		got := ""
		if len(read.Error.Details) > 0 {
			got = read.Error.Details[0].FieldViolations[0].Field
		}
		if got != field {
			t.Errorf("%s: %q is wrong, want %q", body, got, field)
		}
	}
}
