package geofence

import (
	"math"
	"strconv"

	"proxyherd/herd"
)

const (
	earth = 6371.0 // km, the radius of the sphere on which distances are
	edge  = 1e-6   // km, by which rounding must not put a place outside that is on the edge
)

// place is a point of the unit sphere.
type place struct{ x, y, z float64 }

// placeOf reads a location as the herd does.
func placeOf(location []byte) (p place, ok bool) {
	north, east, ok := herd.ParseLocation(location)
	if !ok {
		return p, false
	}
	latitude, longitude := radians(north), radians(east)
	return place{
		math.Cos(latitude) * math.Cos(longitude),
		math.Cos(latitude) * math.Sin(longitude),
		math.Sin(latitude),
	}, true
}

func radians(degrees []byte) float64 { return number(degrees) * math.Pi / 180 }

// number is the value of digits that were checked. The only error left is that they are
// too many, and the value then infinite.
func number(digits []byte) float64 {
	value, _ := strconv.ParseFloat(string(digits), 64)
	return value
}

// circle is what lies within a distance of a place, its edge included.
type circle struct {
	centre place
	reach  float64 // the square of the straight line to the edge, in radii of the earth
}

// newCircle has a radius in km. From half of the earth's girth on it is all of the earth.
//
// The straight line, and not the angle's cosine, is what is compared: near the centre
// cosines are so close to 1 that a float64 cannot tell metres.
func newCircle(centre place, radius float64) circle {
	angle := (radius + edge) / earth
	if angle >= math.Pi {
		return circle{centre, math.Inf(1)}
	}
	line := 2 * math.Sin(angle/2)
	return circle{centre, line * line}
}

func (c *circle) holds(p place) bool {
	x, y, z := p.x-c.centre.x, p.y-c.centre.y, p.z-c.centre.z
	return x*x+y*y+z*z <= c.reach
}
