package standin

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// seedOfPlace is where whatever is made up for a place comes from, such as its name in a service's own register.
func seedOfPlace(p gazetteer.Place) seed {
	return seedOf(p.Name + "," + p.Country + "," + shortest(p.Lat) + "," + shortest(p.Lon))
}

// nameAndCountry is how a place is addressed.
func nameAndCountry(p gazetteer.Place) string { return p.Name + ", " + p.Country }

// googleID names a place in Google's way, but so that nobody takes it for one of Google's.
func googleID(p gazetteer.Place) string {
	return "standin_" + strconv.FormatUint(uint64(seedOfPlace(p)), 36)
}

// placeTypes are the words of Google's for what the gazetteer has, towns and cities; the first is the main one.
var placeTypes = []string{"locality", "political"}

// box is the part of a map on which something is shown, in degrees.
type box struct{ south, west, north, east float64 }

// boxAround is a map of a place: 1.5 km to each side of it, since how far a town reaches is not known.
func boxAround(p gazetteer.Place) box {
	const halfKM, kmPerDegree = 1.5, 111.195
	lat := halfKM / kmPerDegree
	lon := lat / math.Cos(p.Lat*math.Pi/180)
	return box{degrees(p.Lat - lat), degrees(p.Lon - lon), degrees(p.Lat + lat), degrees(p.Lon + lon)}
}

// degrees rounds to a centimetre, and takes a longitude beyond the antimeridian to where it is. No place of the
// gazetteer is so near to a pole that a latitude needs the like.
func degrees(n float64) float64 {
	if n = math.Round(n*1e7) / 1e7; n > 180 {
		n -= 360
	} else if n < -180 {
		n += 360
	}
	return n
}

// circle is what the services for places are asked about: the places around a point.
type circle struct {
	lat, lon float64 // degrees
	radius   float64 // metres
	nearest  bool    // whether the nearest come first, not the most populous
}

// find returns the places in the circle that are wanted, at most that many.
func (c circle) find(most int, wanted func(gazetteer.Place) bool) []gazetteer.Place {
	// All there are: the most populous may be the furthest, and the wanted ones may be few.
	found := slices.DeleteFunc(gazetteer.Nearby(c.lat, c.lon, c.radius/1000, math.MaxInt), func(p gazetteer.Place) bool { return !wanted(p) })
	if !c.nearest {
		slices.SortStableFunc(found, func(a, b gazetteer.Place) int { return cmp.Compare(b.Population, a.Population) })
	}
	return found[:min(most, len(found))]
}

// parsePoint reads LATITUDE and LONGITUDE with a sign between them.
func parsePoint(text, sign string) (lat, lon float64, ok bool) {
	first, second, _ := strings.Cut(text, sign)
	lat, okLat := decimal(first, -90, 90)
	lon, okLon := decimal(second, -180, 180)
	return lat, lon, okLat && okLon
}
