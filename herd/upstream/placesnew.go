package upstream

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// PlacesNew is Nearby Search of Google's Places API (New): POST /v1/places:searchNearby.
type PlacesNew struct{}

// placesFields is the field mask, without which there is no answer. An address with a parameter fields or $fields names
// its own instead.
const placesFields = "places.displayName,places.formattedAddress,places.id,places.location,places.types"

// Name is "places-new".
func (PlacesNew) Name() string { return "places-new" }

// Service is Google's own address, which needs a key; Google's terms forbid storing.
func (PlacesNew) Service() Service {
	return Service{URL: "https://places.googleapis.com/v1/places:searchNearby", NeedsKey: true, NoStore: true}
}

// Bounds are 50 km and 20 places.
func (PlacesNew) Bounds() Bounds { return Bounds{MaxRadius: "50", MaxLimit: 20} }

// Request sends maxResultCount (the limit, at least 1) and a circle: its radius in metres, exactly, or 1 for a radius of
// 0. Words cannot be asked for.
func (k PlacesNew) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	switch {
	case q.Words != "":
		return nil, cannotAsk(k, "for words")
	case !q.hasPlace():
		return nil, cannotAsk(k, "without a place")
	}
	// The texts are digits, signs and points, so they are JSON as they stand here.
	body := fmt.Sprintf(`{"maxResultCount":%d,"locationRestriction":{"circle":{"center":{"latitude":%s,"longitude":%s},"radius":%s}}}`,
		atLeastOne(k, q.Limit), jsonNumber(q.Latitude), jsonNumber(q.Longitude), placesRadius(q))
	parameters := address.Query()
	request, err := newRequest(ctx, http.MethodPost, address, parameters, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if !parameters.Has("fields") && !parameters.Has("$fields") {
		request.Header.Set("X-Goog-FieldMask", placesFields)
	}
	return request, nil
}

// Authorise sends the header X-Goog-Api-Key.
func (PlacesNew) Authorise(request *http.Request, key string) {
	request.Header.Set("X-Goog-Api-Key", key)
}

// List is places, which is absent from an answer that found nothing.
func (PlacesNew) List() []string { return []string{"places"} }

// ErrorText is the message of error, or its status.
func (PlacesNew) ErrorText(answer []byte) string {
	return firstOf(textAt(answer, "error", "message"), textAt(answer, "error", "status"))
}

// ErrorLine is {"error":{"code":503,"message":"message","status":"UNAVAILABLE"}}.
func (PlacesNew) ErrorLine(message string) []byte {
	return oneLine(`{"error":{"code":503,"message":`, message, `,"status":"UNAVAILABLE"}}`)
}
