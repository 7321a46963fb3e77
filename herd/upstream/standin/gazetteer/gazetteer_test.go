package gazetteer

import (
	"bytes"
	"compress/gzip"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// haversine is the great-circle distance in kilometres, by a formula the index does not use.
func haversine(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (lat2-lat1)*rad, (lon2-lon1)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earthRadiusKM * math.Asin(math.Min(1, math.Sqrt(h)))
}

// slack is what two ways to compute one distance may differ by, in kilometres: a millimetre, and a metre near the
// antipode, where the haversine formula is ill-conditioned.
func slack(km float64) float64 {
	if km > 19000 {
		return 1e-3
	}
	return 1e-6
}

// sortedDistances is what brute force knows of a point: how far each place is, the nearest first.
func sortedDistances(places []Place, lat, lon float64) []float64 {
	distances := make([]float64, len(places))
	for i, p := range places {
		distances[i] = haversine(lat, lon, p.Lat, p.Lon)
	}
	slices.Sort(distances)
	return distances
}

// compare asks the index and holds its answer against the distances of all places.
func compare(t *testing.T, x *index, distances []float64, lat, lon, radius float64, max int) (found int) {
	t.Helper()
	got := x.nearby(lat, lon, radius, max)
	least, _ := slices.BinarySearch(distances, radius-slack(radius)) // those that no rounding can put outside
	most, _ := slices.BinarySearch(distances, radius+slack(radius))
	if len(got) < min(max, least) || len(got) > min(max, most) {
		t.Fatalf("nearby(%v, %v, %v, %d) found %d places, brute force %d to %d", lat, lon, radius, max, len(got), least, most)
	}
	for i, p := range got {
		// Places may change order within the slack, their distances may not.
		if d := haversine(lat, lon, p.Lat, p.Lon); math.Abs(d-distances[i]) > slack(d) {
			t.Fatalf("nearby(%v, %v, %v, %d): place %d, %s, is %v km away, by brute force it should be %v", lat, lon, radius, max, i, p.Name, d, distances[i])
		}
	}
	return len(got)
}

func TestNearbyAgreesWithBruteForce(t *testing.T) {
	points := []struct {
		name     string
		lat, lon float64
	}{
		{"Los Angeles", 34.06893, -118.445127},
		{"Everest", 27.5916, 86.564},
		{"north pole", 90, 0},
		{"north pole, named by another meridian", 90, 123},
		{"south pole", -90, 0},
		{"Fiji, west of the antimeridian", -17, 179.99},
		{"Fiji, east of the antimeridian", -17, -179.99},
		{"on the antimeridian", 65, 180},
		{"the same point from the other side", 65, -180},
		{"a longitude beyond 180", 65, 540},
		{"Gulf of Guinea", 0, 0},
		{"its antipode", 0, 180},
	}
	checked := 0
	for _, p := range points {
		distances := sortedDistances(world().places, p.lat, p.lon)
		for _, radius := range []float64{0, 0.001, 1, 100, 1000, 9000, 20010, 20016, math.Inf(1)} {
			for _, max := range []int{1, 15, 1500} {
				t.Run(p.name, func(t *testing.T) { compare(t, world(), distances, p.lat, p.lon, radius, max) })
				checked++
			}
		}
	}
	if checked != 12*9*3 {
		t.Errorf("checked %d searches", checked)
	}
}

func TestNearbyAgreesWithBruteForceOnRandomSpheres(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 300 {
		places := make([]Place, random.IntN(60))
		for i := range places {
			// A coarse lattice: equal distances, equal coordinates and both sides of the antimeridian are common.
			places[i] = Place{Lat: float64(random.IntN(13)*15 - 90), Lon: float64(random.IntN(25)*15 - 180)}
		}
		x := newIndex(places)
		for range 20 {
			lat, lon := random.Float64()*180-90, random.Float64()*360-180
			found += compare(t, x, sortedDistances(places, lat, lon), lat, lon, random.Float64()*20100, random.IntN(70)+1)
		}
	}
	if found < 10000 {
		t.Errorf("only %d places were found: the spheres are too empty to prove anything", found)
	}
}

func TestDistanceAgreesWithHaversine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100_000 {
		p := Place{Lat: r.Float64()*180 - 90, Lon: r.Float64()*360 - 180}
		lat, lon := r.Float64()*180-90, r.Float64()*360-180
		if r.IntN(2) == 0 { // near each other, as most questions are
			lat, lon = max(min(p.Lat+r.Float64()/100, 90), -90), p.Lon+r.Float64()/100
		}
		want := haversine(p.Lat, p.Lon, lat, lon)
		if got := p.DistanceKM(lat, lon); math.Abs(got-want) > slack(want) {
			t.Fatalf("from %v,%v to %v,%v: %v km, want %v", p.Lat, p.Lon, lat, lon, got, want)
		}
	}
	if got := (Place{Lat: 90}).DistanceKM(-90, 0); math.Abs(got-math.Pi*earthRadiusKM) > 1e-3 {
		t.Errorf("from pole to pole: %v km", got)
	}
}

func TestNearbyStandsOnEitherSideOfTheAntimeridian(t *testing.T) {
	// Taveuni's Waiyevo and Fiji's Labasa lie on one side, Tonga and Samoa on the other.
	west, east := Nearby(-17, 179.999, 1000, 100), Nearby(-17, -179.999, 1000, 100)
	if len(west) == 0 || !slices.Equal(sortedNames(west), sortedNames(east)) {
		t.Errorf("two points 200 m apart see different places:\n%v\n%v", sortedNames(west), sortedNames(east))
	}
	var positive, negative int
	for _, p := range west {
		if p.Lon > 0 {
			positive++
		} else {
			negative++
		}
	}
	if positive == 0 || negative == 0 {
		t.Errorf("%d places with positive and %d with negative longitude; both sides have some", positive, negative)
	}
}

func sortedNames(places []Place) []string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.Name
	}
	slices.Sort(names)
	return names
}

func TestNearbyFindsLosAngelesNeighbours(t *testing.T) {
	names := sortedNames(Nearby(34.068930, -118.445127, 30, 100))
	for _, want := range []string{"Beverly Hills", "Culver City", "Inglewood", "Los Angeles", "Santa Monica"} {
		if _, ok := slices.BinarySearch(names, want); !ok {
			t.Errorf("%s is missing from %v", want, names)
		}
	}
}

func TestNearbyOrdersEqualDistancesByPopulation(t *testing.T) {
	x := newIndex([]Place{{Name: "large", Lon: 10}, {Name: "middle", Lon: 10}, {Name: "small", Lon: 10}})
	for max := 1; max <= 3; max++ {
		got := x.nearby(0, 10, 1, max)
		for i, want := range []string{"large", "middle", "small"}[:max] {
			if len(got) != max || got[i].Name != want {
				t.Errorf("max %d: got %v", max, got)
			}
		}
	}
}

func TestNearbyFindsNothingForNonsense(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, q := range []struct {
		lat, lon, radius float64
		max              int
	}{
		{34, -118, -1, 10}, {34, -118, nan, 10}, {nan, -118, 100, 10}, {34, nan, 100, 10},
		{inf, -118, 100, 10}, {34, -inf, 100, 10}, {34, -118, 100, 0}, {34, -118, 100, -1},
		{-48.9, -123.4, 1000, 10}, // Point Nemo, the middle of the Pacific: 2,700 km from any land
	} {
		if got := Nearby(q.lat, q.lon, q.radius, q.max); len(got) != 0 {
			t.Errorf("Nearby(%v) = %v", q, got)
		}
	}
}

func TestNearbyBelongsToTheCaller(t *testing.T) {
	first := Nearby(48.85, 2.35, 10, 1)
	first[0].Name = "changed"
	if again := Nearby(48.85, 2.35, 10, 1); again[0].Name != "Paris" {
		t.Errorf("the gazetteer's own data was changed: %v", again)
	}
}

func TestNearbyFromManyGoroutines(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for lon := -180.0; lon < 180; lon += 10 {
				if len(Nearby(30, lon, 20016, 5)) != 5 {
					t.Errorf("at longitude %v fewer than 5 places of the whole world were found", lon)
				}
			}
		})
	}
	group.Wait()
}

func TestEmbeddedPlaces(t *testing.T) {
	places, err := unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	if len(places) != 30000 {
		t.Errorf("%d places", len(places))
	}
	if len(packed) > 700_000 {
		t.Errorf("the data takes %d bytes of the program", len(packed))
	}
	for i, p := range places {
		if p.Name == "" || !utf8.ValidString(p.Name) || len(p.Country) != 2 || strings.ToUpper(p.Country) != p.Country ||
			p.Population < 10000 || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180 {
			t.Errorf("place %d: %+v", i, p)
		}
		if i > 0 && p.Population > places[i-1].Population {
			t.Errorf("place %d, %s, has more inhabitants than the one before", i, p.Name)
		}
	}
}

func TestUnpackNamesTheDamage(t *testing.T) {
	pack := func(text string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(text)) // into memory: cannot fail
		w.Close()
		return b.Bytes()
	}
	good := "Nowhere\tXX\t1\t2.5\t-3.5\n"
	if places, err := unpack(pack(good)); err != nil || len(places) != 1 || places[0] != (Place{"Nowhere", "XX", 1, 2.5, -3.5}) {
		t.Errorf("%v, %v", places, err)
	}
	for _, bad := range []string{"Nowhere\tXX\t1\t2.5\n", "Nowhere\tXX\tmany\t2.5\t3\n", "Nowhere\tXX\t1\tnorth\t3\n", "Nowhere\tXX\t1\t2\teast\n"} {
		if _, err := unpack(pack(good + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	whole := pack(good)
	for _, damaged := range [][]byte{nil, []byte("no gzip"), whole[:len(whole)-6]} {
		if _, err := unpack(damaged); err == nil {
			t.Errorf("%q was taken", damaged)
		}
	}
}

func BenchmarkNearby(b *testing.B) {
	world()
	for _, c := range []struct {
		name   string
		radius float64
		max    int
	}{{"100km", 100, 1500}, {"1000km/100nearest", 1000, 100}, {"world/100nearest", 20016, 100}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Nearby(34.068930, -118.445127, c.radius, c.max)
			}
		})
	}
}

func BenchmarkUnpackAndIndex(b *testing.B) {
	for b.Loop() {
		places, err := unpack(packed)
		if err != nil {
			b.Fatal(err)
		}
		newIndex(places)
	}
}
