package upstream

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	jsoniter "github.com/json-iterator/go"
)

// Twitter is Twitter's Search API v1 of 2009 to 2013: GET /search.json, without a key. Twitter itself retired it on 11
// June 2013; the stand-in beside this package answers in its format.
type Twitter struct{}

// smallestTwitterRadius is asked for where a client wrote a radius of 0, which a geocode cannot say: one metre, in
// kilometres.
const smallestTwitterRadius = "0.001"

// Name is "twitter".
func (Twitter) Name() string { return "twitter" }

// Bounds has no maximum of the radius, as Twitter's documentation names none, and the 100 results of one page.
func (Twitter) Bounds() Bounds { return Bounds{MaxLimit: 100} }

// Request asks for q= (empty, as a search by geocode may be), geocode=LAT,LON,RADIUSkm and rpp=LIMIT. The numbers are the
// client's texts, but for a leading plus sign, which Twitter never documented and which means a space in a URL. The
// least rpp is 1, so a limit of 0 asks for one result and the client of this package cuts it off.
func (k Twitter) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	radius := q.Radius
	if isZero(radius) {
		radius = smallestTwitterRadius
	}
	parameters := address.Query()
	parameters.Set("q", "")
	parameters.Set("geocode", strings.TrimPrefix(q.Latitude, "+")+","+strings.TrimPrefix(q.Longitude, "+")+","+radius+"km")
	parameters.Set("rpp", strconv.Itoa(min(max(q.Limit, 1), k.Bounds().MaxLimit)))
	target := *address
	target.RawQuery = parameters.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("making the request to twitter: %w", err)
	}
	return request, nil
}

// isZero tells whether a decimal text is 0, however it is written: 0, 00, 0.000.
func isZero(decimal string) bool { return strings.Trim(decimal, "0.") == "" }

// List is results.
func (Twitter) List() []string { return []string{"results"} }

// ErrorText is what stands under error.
func (Twitter) ErrorText(answer []byte) string {
	if text := jsoniter.Get(answer, "error"); text.ValueType() == jsoniter.StringValue {
		return text.ToString()
	}
	return ""
}

// ErrorLine is {"error":"message"}.
func (Twitter) ErrorLine(message string) []byte {
	stream := jsoniter.ConfigDefault.BorrowStream(nil)
	defer jsoniter.ConfigDefault.ReturnStream(stream)
	stream.WriteObjectStart()
	stream.WriteObjectField("error")
	stream.WriteStringWithHTMLEscaped(message)
	stream.WriteObjectEnd()
	return append([]byte(nil), stream.Buffer()...)
}
