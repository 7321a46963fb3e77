package gazetteer

import (
	"cmp"
	"math"
	"slices"
)

// earthRadiusKM is the mean radius of the earth (IUGG).
const earthRadiusKM = 6371.0088

// vector is a point on the sphere of radius 1. In three dimensions the poles and the antimeridian are points like any
// other, so the search below has no special case for them; in degrees it would need several.
type vector [3]float64

// onSphere turns degrees into a vector.
func onSphere(lat, lon float64) vector {
	sinLat, cosLat := math.Sincos(lat * math.Pi / 180)
	sinLon, cosLon := math.Sincos(lon * math.Pi / 180)
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// squaredChord is the square of the straight line between two points of the sphere, 0 to 4. It grows with the distance
// along the surface, so the search compares it instead and needs no trigonometry per place.
func squaredChord(a, b vector) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// squaredChordOf is the squared chord of a distance along the surface in kilometres.
func squaredChordOf(km float64) float64 {
	angle := km / earthRadiusKM
	if angle >= math.Pi {
		return math.Inf(1) // further than the antipode: everything is inside, rounding included
	}
	half := math.Sin(angle / 2)
	return 4 * half * half
}

// index is a k-d tree without pointers: the middle of a range is its root, what is before it lies below on the range's
// axis, what is after it above, and the halves are trees on the next axis.
type index struct {
	places []Place // most populous first
	at     []vector
	tree   []int32 // positions in places and at, in the order described above
}

// newIndex builds the tree; places is kept and must not change.
func newIndex(places []Place) *index {
	x := &index{places: places, at: make([]vector, len(places)), tree: make([]int32, len(places))}
	for i, p := range places {
		x.at[i] = onSphere(p.Lat, p.Lon)
		x.tree[i] = int32(i)
	}
	x.build(x.tree, 0)
	return x
}

// build orders one range of the tree.
func (x *index) build(tree []int32, axis int) {
	if len(tree) < 2 {
		return
	}
	slices.SortFunc(tree, func(a, b int32) int {
		return cmp.Or(cmp.Compare(x.at[a][axis], x.at[b][axis]), cmp.Compare(a, b))
	})
	middle := len(tree) / 2
	x.build(tree[:middle], nextAxis(axis))
	x.build(tree[middle+1:], nextAxis(axis))
}

func nextAxis(axis int) int { return (axis + 1) % 3 }

// found is a place and its squared chord to the point that was asked for.
type found struct {
	place int32
	chord float64
}

// nearer orders by distance, then by population, of which the position in places is the rank.
func nearer(a, b found) int {
	return cmp.Or(cmp.Compare(a.chord, b.chord), cmp.Compare(a.place, b.place))
}

// nearby is Nearby on this index.
func (x *index) nearby(lat, lon, radiusKM float64, max int) []Place {
	// Written so that NaN fails too.
	if !(radiusKM >= 0) || math.IsNaN(lat+lon) || math.IsInf(lat, 0) || math.IsInf(lon, 0) || max <= 0 {
		return nil
	}
	s := search{index: x, from: onSphere(lat, lon), reach: squaredChordOf(radiusKM), max: min(max, len(x.places))}
	s.descend(x.tree, 0)
	slices.SortFunc(s.heap, nearer)
	places := make([]Place, len(s.heap))
	for i, f := range s.heap {
		places[i] = x.places[f.place]
	}
	return places
}

// search is one question on its way through the tree.
type search struct {
	*index
	from  vector
	reach float64 // squared chord beyond which a place is of no interest; shrinks once max places are found
	max   int
	heap  []found // the furthest first, so that a nearer place can take its place
}

// descend looks through one range of the tree: first on the side where the point lies, and on the other only if the
// plane between them is within reach.
func (s *search) descend(tree []int32, axis int) {
	if len(tree) == 0 {
		return
	}
	middle := len(tree) / 2
	root := tree[middle]
	near, far := tree[:middle], tree[middle+1:]
	gap := s.from[axis] - s.at[root][axis]
	if gap > 0 {
		near, far = far, near
	}
	s.descend(near, nextAxis(axis))
	if chord := squaredChord(s.from, s.at[root]); chord <= s.reach {
		s.keep(found{root, chord})
	}
	if gap*gap <= s.reach {
		s.descend(far, nextAxis(axis))
	}
}

// keep adds a place to the heap, in exchange for the furthest one when it is full.
func (s *search) keep(f found) {
	if len(s.heap) < s.max {
		s.heap = append(s.heap, f)
		s.up(len(s.heap) - 1)
	} else if nearer(f, s.heap[0]) < 0 {
		s.heap[0] = f
		s.down()
	}
	if len(s.heap) == s.max {
		s.reach = s.heap[0].chord
	}
}

// up moves a place that was appended to where it belongs.
func (s *search) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if nearer(s.heap[i], s.heap[parent]) <= 0 {
			return
		}
		s.heap[i], s.heap[parent] = s.heap[parent], s.heap[i]
		i = parent
	}
}

// down moves a place that was put first to where it belongs.
func (s *search) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(s.heap) {
			return
		}
		if child+1 < len(s.heap) && nearer(s.heap[child+1], s.heap[child]) > 0 {
			child++
		}
		if nearer(s.heap[child], s.heap[i]) <= 0 {
			return
		}
		s.heap[i], s.heap[child] = s.heap[child], s.heap[i]
		i = child
	}
}
