package load

import (
	"math"
	"sync"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// vector is a place as a direction from the middle of the earth.
type vector struct{ x, y, z float64 }

func toVector(p gazetteer.Place) vector {
	lat, lon := p.Lat*math.Pi/180, p.Lon*math.Pi/180
	return vector{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

func (v vector) degrees() (lat, lon float64) {
	return math.Asin(max(-1, min(1, v.z))) * 180 / math.Pi, math.Atan2(v.y, v.x) * 180 / math.Pi
}

// stops is how many reports a client makes from one place to the next.
const stops = 256

// between returns the point that is such a share of the way from a to b along the great
// circle through both.
func between(a, b vector, share float64) vector {
	angle := math.Acos(max(-1, min(1, a.x*b.x+a.y*b.y+a.z*b.z)))
	if angle < 1e-9 || math.Pi-angle < 1e-9 {
		return a // they are one place, or every way is as far
	}
	of := math.Sin(angle)
	p, q := math.Sin((1-share)*angle)/of, math.Sin(share*angle)/of
	return vector{p*a.x + q*b.x, p*a.y + q*b.y, p*a.z + q*b.z}
}

// atlas is where clients are.
type atlas struct {
	texts   [][]byte // of the places
	vectors []vector
}

// theAtlas returns the atlas, which is made once.
var theAtlas = sync.OnceValue(func() *atlas {
	a := &atlas{}
	for _, p := range places() {
		a.texts = append(a.texts, appendLocation(nil, p.Lat, p.Lon))
		a.vectors = append(a.vectors, toVector(p))
	}
	return a
})

// scramble spreads numbers that lie close, so that neighbours do not travel together.
func scramble(n uint32) uint32 {
	n ^= n >> 16
	n *= 0x7feb352d
	n ^= n >> 15
	n *= 0x846ca68b
	return n ^ n>>16
}

// appendHome appends the place of a client that does not move.
func (a *atlas) appendHome(b []byte, client uint32) []byte {
	return append(b, a.texts[scramble(client)%somePlaces]...)
}

// appendTravelled appends where a client is that has made so many reports on its way: it
// goes from place to place without an end.
func (a *atlas) appendTravelled(b []byte, client, reports uint32) []byte {
	leg := reports / stops
	from, to := a.vectors[scramble(client+leg)%somePlaces], a.vectors[scramble(client+leg+1)%somePlaces]
	lat, lon := between(from, to, float64(reports%stops)/stops).degrees()
	return appendLocation(b, lat, lon)
}
