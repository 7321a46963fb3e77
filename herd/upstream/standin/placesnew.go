package standin

import (
	"cmp"
	"net/http"
	"slices"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// placesNew is Nearby Search of Google's Places API (New), asked with a key in X-Goog-Api-Key: any will do. What
// X-Goog-FieldMask names, or the parameter $fields or fields, is what the answer holds; without it there is none.
//
// All of the request's fields are understood; languageCode and regionCode change nothing, as the gazetteer has one
// spelling.
var placesNew = api{
	path:   "/v1/places:searchNearby",
	method: http.MethodPost,
	answer: func(r *http.Request, body []byte) reply {
		// First who asks, then what the answer is to hold, then the question: from what every request has to what differs.
		if r.Header.Get("X-Goog-Api-Key") == "" {
			return placesNewError(http.StatusForbidden, "Callers must be known: the header X-Goog-Api-Key is missing.", "")
		}
		parameters := r.URL.Query()
		fields, err := parseFieldMask(cmp.Or(r.Header.Get("X-Goog-FieldMask"), parameters.Get("$fields"), parameters.Get("fields")))
		if err != nil {
			return placesNewError(http.StatusBadRequest, err.Error(), "X-Goog-FieldMask")
		}
		q, field, err := parsePlacesNew(body)
		if err != nil {
			return placesNewError(http.StatusBadRequest, err.Error(), field)
		}
		return reply{http.StatusOK, placesNewType, nil, answerPlacesNew(q, fields)}
	},
	refuse: func(status int) reply { return placesNewError(status, http.StatusText(status), "") },
}

const placesNewType = "application/json; charset=UTF-8"

// googleStatus is Google's word for a status of HTTP: the canonical codes of gRPC, which its services share.
func googleStatus(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return "INVALID_ARGUMENT"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return "UNIMPLEMENTED"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusInternalServerError:
		return "INTERNAL"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	return "UNKNOWN"
}

// placesNewError is an error in Google's form; field is what is wrong in the request, "" where it is none of them.
func placesNewError(status int, message, field string) reply {
	w := writer{style: placesNewStyle}
	return reply{status, placesNewType, nil, w.document(func() {
		w.object("error", func() {
			w.int("code", status)
			w.string("message", message)
			w.string("status", googleStatus(status))
			if field == "" { // details are about fields; other errors have none
				return
			}
			w.list("details", 1, func(int) {
				w.string("@type", "type.googleapis.com/google.rpc.BadRequest")
				w.list("fieldViolations", 1, func(int) {
					w.string("field", field)
					w.string("description", message)
				})
			})
		})
	})}
}

// nearbyRequest is the body of a request. Pointers tell what is missing from what is 0, which is a good coordinate.
type nearbyRequest struct {
	IncludedTypes        []string `json:"includedTypes"`
	ExcludedTypes        []string `json:"excludedTypes"`
	IncludedPrimaryTypes []string `json:"includedPrimaryTypes"`
	ExcludedPrimaryTypes []string `json:"excludedPrimaryTypes"`
	MaxResultCount       int      `json:"maxResultCount"`
	LocationRestriction  *struct {
		Circle *struct {
			Center *struct {
				Latitude  float64 `json:"latitude"`
				Longitude float64 `json:"longitude"`
			} `json:"center"`
			Radius float64 `json:"radius"`
		} `json:"circle"`
	} `json:"locationRestriction"`
	RankPreference string `json:"rankPreference"`
	LanguageCode   string `json:"languageCode"`
	RegionCode     string `json:"regionCode"`
}

// strictJSON refuses names that Google does not document, as Google does: a misspelt one would be lost in silence.
var strictJSON = jsoniter.Config{DisallowUnknownFields: true, CaseSensitive: true}.Froze()

const (
	errBody        refusal = "the body is not JSON, or has a field of another name or type than documented"
	errMaxResults  refusal = "maxResultCount must be 1 to 20, or 0 for 20"
	errRestriction refusal = "locationRestriction must hold a circle with a center"
	errCenter      refusal = "the center's latitude must be -90 to 90, its longitude -180 to 180"
	errCircle      refusal = "the circle's radius must be above 0 and at most 50000 metres"
	errRank        refusal = "rankPreference must be POPULARITY or DISTANCE"
)

// parsePlacesNew reads the body of a request; field is the one that is wrong, in the spelling of Google's errors, which is
// not that of its JSON. It is "" where the body as a whole is wrong.
func parsePlacesNew(body []byte) (q placesNewQuestion, field string, err error) {
	if strictJSON.Unmarshal(body, &q.nearbyRequest) != nil {
		return q, "", errBody
	}
	if q.MaxResultCount < 0 || q.MaxResultCount > placesPerPage {
		return q, "max_result_count", errMaxResults
	}
	// 0 is what a field that was left out has, in the protocol buffers behind this service.
	if q.MaxResultCount == 0 {
		q.MaxResultCount = placesPerPage
	}
	if q.LocationRestriction == nil || q.LocationRestriction.Circle == nil || q.LocationRestriction.Circle.Center == nil {
		return q, "location_restriction", errRestriction
	}
	where := q.LocationRestriction.Circle
	q.circle = circle{where.Center.Latitude, where.Center.Longitude, where.Radius, q.RankPreference == "DISTANCE"}
	switch {
	case q.lat < -90 || q.lat > 90 || q.lon < -180 || q.lon > 180:
		return q, "location_restriction.circle.center", errCenter
	case q.radius <= 0 || q.radius > placesMaxRadius:
		return q, "location_restriction.circle.radius", errCircle
	case !slices.Contains([]string{"", "RANK_PREFERENCE_UNSPECIFIED", "POPULARITY", "DISTANCE"}, q.RankPreference):
		return q, "rank_preference", errRank
	}
	return q, "", nil
}

// placesNewQuestion is a search after it was checked.
type placesNewQuestion struct {
	nearbyRequest
	circle
}

// wants tells whether a place is searched for. All places here have the same types, so it is all of them or none.
func (q placesNewQuestion) wants(gazetteer.Place) bool {
	isOne := func(kind string) bool { return slices.Contains(placeTypes, kind) }
	switch main := placeTypes[0]; {
	case len(q.IncludedTypes) > 0 && !slices.ContainsFunc(q.IncludedTypes, isOne),
		slices.ContainsFunc(q.ExcludedTypes, isOne),
		len(q.IncludedPrimaryTypes) > 0 && !slices.Contains(q.IncludedPrimaryTypes, main),
		slices.Contains(q.ExcludedPrimaryTypes, main):
		return false
	}
	return true
}

// answerPlacesNew is the body for a question. Where there is no place there is no list either.
func answerPlacesNew(q placesNewQuestion, fields mask) []byte {
	found := q.find(q.MaxResultCount, q.wants)
	w := writer{style: placesNewStyle, mask: fields}
	return w.document(func() {
		if len(found) > 0 {
			w.list("places", len(found), func(i int) { w.placeNew(found[i]) })
		}
	})
}

// placeNew writes the members of one element of places.
func (w *writer) placeNew(p gazetteer.Place) {
	point := func(name string, lat, lon float64) {
		w.object(name, func() {
			w.float("latitude", lat)
			w.float("longitude", lon)
		})
	}
	// The order is that of examples of such answers. name is the resource, displayName what people call it.
	shown := boxAround(p)
	w.string("name", "places/"+googleID(p))
	w.string("id", googleID(p))
	w.strings("types", placeTypes...)
	w.string("formattedAddress", nameAndCountry(p))
	point("location", p.Lat, p.Lon)
	w.object("viewport", func() {
		point("low", shown.south, shown.west)
		point("high", shown.north, shown.east)
	})
	w.object("displayName", func() {
		w.string("text", p.Name)
		w.string("languageCode", "en")
	})
	w.string("primaryType", placeTypes[0])
	w.string("shortFormattedAddress", p.Name)
}
