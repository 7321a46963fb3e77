package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Twitter is Twitter's Search API v1 of 2009 to 2013: GET /search.json, without a key. Twitter itself retired it on 11
// June 2013; the stand-in beside this package answers in its format.
type Twitter struct{}

// smallestTwitterRadius is asked for where a client wrote a radius of 0, which a geocode cannot say: one metre, in
// kilometres.
const smallestTwitterRadius = "0.001"

// Name is "twitter".
func (Twitter) Name() string { return "twitter" }

// Service is the stand-in on this machine, as Twitter's own address, http://search.twitter.com/search.json, is gone. It
// wanted no key.
func (Twitter) Service() Service { return Service{URL: "http://127.0.0.1:12300/search.json"} }

// Bounds has no maximum of the radius, as Twitter's documentation names none, and the 100 results of one page.
func (Twitter) Bounds() Bounds { return Bounds{MaxLimit: 100} }

// Request asks for q=WORDS (empty, as a search by geocode may be), geocode=LAT,LON,RADIUSkm and rpp=LIMIT. The numbers
// are the client's texts, but for a leading plus sign. The least rpp is 1.
func (k Twitter) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	parameters := address.Query()
	setTwitterSearch(parameters, q)
	parameters.Set("rpp", strconv.Itoa(atLeastOne(k, q.Limit)))
	return get(ctx, address, parameters)
}

// setTwitterSearch sets what both versions of Twitter's search call the same.
func setTwitterSearch(parameters url.Values, q Query) {
	parameters.Set("q", q.Words)
	if q.hasPlace() {
		parameters.Set("geocode", unsignedPlus(q.Latitude)+","+unsignedPlus(q.Longitude)+","+twitterRadius(q)+"km")
	}
}

func twitterRadius(q Query) string {
	if isZero(q.Radius) {
		return smallestTwitterRadius
	}
	return q.Radius
}

// Authorise does nothing: there are no keys.
func (Twitter) Authorise(*http.Request, string) {}

// List is results.
func (Twitter) List() []string { return []string{"results"} }

// ErrorText is what stands under error.
func (Twitter) ErrorText(answer []byte) string { return textAt(answer, "error") }

// ErrorLine is {"error":"message"}.
func (Twitter) ErrorLine(message string) []byte { return oneLine(`{"error":`, message, `}`) }
