package geofence

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// notes is a Watcher that keeps what it is told.
type notes struct{ strings.Builder }

func (n *notes) Tell(lines []byte) { n.Write(lines) }

// take returns what was told since the last time.
func (n *notes) take() string {
	defer n.Reset()
	return n.String()
}

func at(id, location string) []byte {
	return fmt.Appendf(nil, "AT Gasol +0.000000000 %s %s 1700000000\n", id, location)
}

// While a fence opens, what the server takes may come before what it had, or after.
func TestWhatComesWhileAFenceOpens(t *testing.T) {
	var s Set
	var w notes
	f := s.Receive(&w, []byte("FENCE home +10+20 5"))
	if got := w.take(); f == nil || got != "OK home\n" {
		t.Fatalf("%v, %q", f, got)
	}
	f.Saw(at("stays", "+10+20"))
	f.Saw(at("leaves", "+10+20"))
	s.Saw(at("leaves", "+11+20"))
	s.Saw(at("comes", "+10+20.01"))
	f.Saw(at("comes", "+10+20.01")) // it has a place in the walk now
	s.Saw(at("stays", "+10.01+20"))
	s.Saw(at("passes", "+10+20"))
	s.Saw(at("passes", "+1+2"))
	if got := w.take(); got != "" {
		t.Errorf("before it is open it tells %q", got)
	}
	f.Opened()
	if got, want := w.take(), "ENTER home comes +10+20.01 1700000000\nENTER home stays +10.01+20 1700000000\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Saw(at("stays", "+10+20"))
	s.Saw(at("comes", "+1+2"))
	if got, want := w.take(), "LEAVE home comes +1+2 1700000000\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestThereIsABoundOnFences(t *testing.T) {
	var s Set
	var w, other notes
	for n := range MaxFences {
		if s.Receive(&w, fmt.Appendf(nil, "FENCE %d +1+1 1", n)) == nil {
			t.Fatalf("fence %d is not set", n)
		}
	}
	if s.Receive(&other, []byte("FENCE more +1+1 1")) != nil || other.take() != "? FENCE more +1+1 1\n" {
		t.Error("there is one too many")
	}
	s.Leave(&w)
	if s.Len() != 0 || s.Receive(&other, []byte("FENCE more +1+1 1")) == nil {
		t.Error("those of who has left are still there")
	}
}

// The straight line says what the great circle says.
func TestACircleHoldsWhatIsWithinItsRadius(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	degrees := func(most float64) float64 { return (2*random.Float64() - 1) * most }
	inside := 0
	for range 10_000 {
		radius := math.Exp(random.Float64()*14 - 4) // 20 m to 22,000 km
		lat, lon := degrees(90), degrees(180)
		// Somewhere near, so that both happen.
		near := radius / earth * 180 / math.Pi
		lat2, lon2 := math.Max(-90, math.Min(90, lat+degrees(1.5*near))), lon+degrees(1.5*near)
		if math.Abs(lon2) > 180 {
			continue
		}
		centre, _ := placeOf(fmt.Appendf(nil, "%+.9f%+.9f", lat, lon))
		p, _ := placeOf(fmt.Appendf(nil, "%+.9f%+.9f", lat2, lon2))
		distance := haversine(lat, lon, lat2, lon2)
		if math.Abs(distance-radius) < 1e-4 {
			continue // within what the digits leave open
		}
		c := newCircle(centre, radius)
		if c.holds(p) != (distance <= radius) {
			t.Errorf("%f %f and %f %f are %f km apart, and of a radius of %f the circle says %v", lat, lon, lat2, lon2, distance, radius, c.holds(p))
		}
		if c.holds(p) {
			inside++
		}
	}
	if inside < 1000 || inside > 9000 {
		t.Errorf("%d of 10,000 are inside", inside)
	}
}

// haversine is the distance on the sphere, in km, by the usual formula.
func haversine(lat, lon, lat2, lon2 float64) float64 {
	half := func(degrees float64) float64 { return math.Pow(math.Sin(degrees*math.Pi/360), 2) }
	h := half(lat2-lat) + math.Cos(lat*math.Pi/180)*math.Cos(lat2*math.Pi/180)*half(lon2-lon)
	return 2 * earth * math.Asin(math.Sqrt(math.Min(1, h)))
}
