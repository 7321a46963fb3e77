package upstream

import (
	"context"
	"net/http"
	"net/url"
)

// Places is Nearby Search of Google's Places API, the legacy one: GET /maps/api/place/nearbysearch/json. Its status is
// in the body: errors come with 200 too.
type Places struct{}

// Statuses of a body, in the words of Places.
const (
	placesOK        = "OK"
	placesNone      = "ZERO_RESULTS"
	placesOverLimit = "OVER_QUERY_LIMIT"
)

// Name is "places".
func (Places) Name() string { return "places" }

// Service is Google's own address, which needs a key; Google's terms forbid storing.
func (Places) Service() Service {
	return Service{URL: "https://maps.googleapis.com/maps/api/place/nearbysearch/json", NeedsKey: true, NoStore: true}
}

// Bounds are 50 km and the 20 places of one page.
func (Places) Bounds() Bounds { return Bounds{MaxRadius: "50", MaxLimit: 20} }

// Request asks for location=LAT,LON, radius in metres, exactly (1 for a radius of 0), and keyword=WORDS if there are
// any. The number of results cannot be asked for.
func (k Places) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	if !q.hasPlace() {
		return nil, cannotAsk(k, "without a place")
	}
	parameters := address.Query()
	parameters.Set("location", unsignedPlus(q.Latitude)+","+unsignedPlus(q.Longitude))
	parameters.Set("radius", placesRadius(q))
	if q.Words != "" {
		parameters.Set("keyword", q.Words)
	}
	return get(ctx, address, parameters)
}

// placesRadius is in metres; both of Google's APIs want more than 0.
func placesRadius(q Query) string {
	if isZero(q.Radius) {
		return "1"
	}
	return metres(q.Radius)
}

// Authorise adds the parameter key: this API has no other place for it.
func (Places) Authorise(request *http.Request, key string) {
	parameters := request.URL.Query()
	parameters.Set("key", key)
	request.URL.RawQuery = parameters.Encode()
}

// List is results.
func (Places) List() []string { return []string{"results"} }

// ErrorText is the error_message, or the status, where that is neither OK nor ZERO_RESULTS.
func (Places) ErrorText(answer []byte) string {
	switch status := textAt(answer, "status"); status {
	case "", placesOK, placesNone:
		return ""
	default:
		return firstOf(textAt(answer, "error_message"), status)
	}
}

// limited tells the status for questions that come too often.
func (Places) limited(answer []byte) bool { return textAt(answer, "status") == placesOverLimit }

// ErrorLine is {"error_message":"message","html_attributions":[],"results":[],"status":"UNKNOWN_ERROR"}.
func (Places) ErrorLine(message string) []byte {
	return oneLine(`{"error_message":`, message, `,"html_attributions":[],"results":[],"status":"UNKNOWN_ERROR"}`)
}
