package standin

import (
	"math"
	"net/url"
	"strconv"
	"strings"
)

// Bounds of the API: at most 100 results on a page, 15 unless told, and no more than 1,500 over all pages.
const (
	defaultResultsPerPage = 15
	maxResultsPerPage     = 100
	maxResults            = 1500
	maxQueryLength        = 1000 // bytes
)

// refusal is why a question gets no results, in words that go to the asker as they are.
type refusal string

func (r refusal) Error() string { return string(r) }

// What a question can be refused for. The first two sentences are Twitter's own.
const (
	errNoQuery      refusal = "You must enter a query."
	errPage         refusal = "page parameter out of range"
	errQueryTooLong refusal = "q must not be longer than 1000 bytes"
	errPerPage      refusal = "rpp must be a whole number from 1 to 100"
	errGeocode      refusal = "geocode must be LATITUDE,LONGITUDE,RADIUS, the radius above 0 and followed by km or mi"
	errParameters   refusal = "the parameters are not URL-encoded"
)

// question is a search after its parameters were checked.
type question struct {
	words   string  // q
	near    bool    // whether there was a geocode; without one the next four are nothing
	lat     float64 // degrees
	lon     float64 // degrees
	radius  float64 // in unit
	unit    string  // km or mi
	perPage int
	page    int // from 1
}

// parse reads the part of a URL after the question mark.
func parse(raw string) (q question, err error) {
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return q, errParameters
	}
	if err := q.parseSubject(parameters); err != nil {
		return q, err
	}
	var ok bool
	if q.perPage, ok = wholeNumber(parameters.Get("rpp"), defaultResultsPerPage); !ok || q.perPage > maxResultsPerPage {
		return q, errPerPage
	}
	if q.page, ok = wholeNumber(parameters.Get("page"), 1); !ok || q.page*q.perPage > maxResults {
		return q, errPage
	}
	return q, nil
}

// parseSubject reads what is searched for: q and geocode.
func (q *question) parseSubject(parameters url.Values) error {
	q.words = parameters.Get("q")
	if len(q.words) > maxQueryLength {
		return errQueryTooLong
	}
	geocode := parameters.Get("geocode")
	switch {
	case geocode != "":
		return q.parseGeocode(geocode)
	case q.words == "":
		return errNoQuery
	}
	return nil
}

// wholeNumber reads a parameter from 1 up; one that is missing or empty has its default.
func wholeNumber(text string, missing int) (n int, ok bool) {
	if text == "" {
		return missing, true
	}
	// 24 bits are enough for what the API allows, and no product of two such numbers overflows.
	v, err := strconv.ParseUint(text, 10, 24)
	return int(v), err == nil && v > 0
}

// parseGeocode reads 37.781157,-122.398720,1mi.
func (q *question) parseGeocode(geocode string) error {
	fields := strings.Split(geocode, ",")
	if len(fields) != 3 || len(fields[2]) < 2 {
		return errGeocode
	}
	unitAt := len(fields[2]) - 2
	q.near = true
	q.unit = fields[2][unitAt:]
	var ok [3]bool
	q.lat, ok[0] = decimal(fields[0], -90, 90)
	q.lon, ok[1] = decimal(fields[1], -180, 180)
	q.radius, ok[2] = decimal(fields[2][:unitAt], 0, math.MaxFloat64)
	if ok != [3]bool{true, true, true} || q.radius == 0 || q.unit != "km" && q.unit != "mi" {
		return errGeocode
	}
	return nil
}

// decimal reads a number written with digits, from least to most; what else ParseFloat takes (NaN, hexadecimal,
// exponents) is no coordinate.
func decimal(text string, least, most float64) (float64, bool) {
	if strings.Trim(text, "0123456789.-+") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && least <= n && n <= most
}

// radiusKM is the radius in kilometres.
func (q question) radiusKM() float64 {
	if q.unit == "mi" {
		return q.radius * 1.609344
	}
	return q.radius
}

// geocode is the geocode as Twitter repeats it: the shortest text of each number, the radius with a fraction at least,
// URL-encoded.
func (q question) geocode() string {
	radius := shortest(q.radius)
	if !strings.Contains(radius, ".") {
		radius += ".0"
	}
	return url.QueryEscape(shortest(q.lat) + "," + shortest(q.lon) + "," + radius + q.unit)
}

// shortest writes a number without an exponent and without a digit too many.
func shortest(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
