package main

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"proxyherd/bench/plots"
)

// anHour is the samples of an hour in which nothing grows but what is asked for: that
// measure of that server, by so much a sample.
func anHour(grows, who string, by float64) *results {
	r := &results{Design: "mixed", Rate: 500, Anew: anew}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 360 {
		s := sample{Seconds: float64(10 * i), Agreed: 0.02, Servers: map[string]server{}}
		for _, name := range []string{"Farmar", "Hill", anew} {
			one := server{Life: 1, Measure: map[string]float64{}}
			if name == anew {
				one.Life = 1 + i/30
			}
			for _, m := range measures {
				one.Measure[m.name] = 40*m.unit + m.slack*random.Float64()
			}
			if name == who {
				one.Measure[grows] += by * float64(i)
			}
			s.Servers[name] = one
		}
		r.Samples = append(r.Samples, s)
	}
	return r
}

func told(r *results) (ok bool, text string) {
	var out bytes.Buffer
	ok = r.tell(&out)
	return ok, out.String()
}

func TestWhatDoesNotGrowIsLeftInPeace(t *testing.T) {
	if ok, text := told(anHour("", "", 0)); !ok || !strings.HasSuffix(text, "Nothing grows.\n") {
		t.Errorf("it says\n%s", text)
	}
}

// Each measure, of each server, is noticed when it doubles within the hour.
func TestWhateverGrowsIsNoticed(t *testing.T) {
	for _, m := range measures {
		for _, who := range []string{"Farmar", anew} {
			ok, text := told(anHour(m.name, who, (40*m.unit+4*m.slack)/360))
			if ok || strings.Count(text, "HAS GROWN") != 1 || strings.Contains(text, "Nothing grows") {
				t.Errorf("%s of %s grows, and it says\n%s", m.label, who, text)
			}
		}
	}
}

// What grows in each life of a server that is started anew does not grow.
func TestALifeMayBeginSmall(t *testing.T) {
	r := anHour("", "", 0)
	for i := range r.Samples {
		r.Samples[i].Servers[anew].Measure[measures[0].name] += float64(i%30) * measures[0].unit
	}
	if ok, text := told(r); !ok {
		t.Errorf("it says\n%s", text)
	}
}

func TestServersThatDoNotAgreeAreNoticed(t *testing.T) {
	r := anHour("", "", 0)
	r.Samples[100].Agreed = -1
	if ok, text := told(r); ok || !strings.Contains(text, "at 1 they were not") {
		t.Errorf("it says\n%s", text)
	}
	r = anHour("", "", 0)
	r.Wrong = []string{"something was lost"}
	if ok, text := told(r); ok || !strings.Contains(text, "WRONG: something was lost") {
		t.Errorf("it says\n%s", text)
	}
}

func TestTooFewSamplesProveNothing(t *testing.T) {
	r := anHour("", "", 0)
	r.Samples = r.Samples[:3]
	if ok, text := told(r); ok || !strings.Contains(text, "too few samples") {
		t.Errorf("it says\n%s", text)
	}
	if ok, _ := told(&results{}); ok {
		t.Error("no samples at all prove something")
	}
}

func TestThePictureHasEachMeasure(t *testing.T) {
	r := anHour("", "", 0)
	var picture bytes.Buffer
	if err := plots.Write(&picture, plots.SVG, r.panels()...); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"descriptors", "goroutines", "Farmar", anew, "milliseconds"} {
		if !strings.Contains(picture.String(), text) {
			t.Errorf("the picture lacks %q", text)
		}
	}
}

func TestMetricsAreFound(t *testing.T) {
	page := []byte("# HELP go_threads x\ngo_threads 10\ngo_threads_more 3\nherd_records 1.5e+06\n")
	if v, err := metric(page, "herd_records"); v != 1.5e6 || err != nil {
		t.Errorf("%v, error %v", v, err)
	}
	if v, err := metric(page, "go_threads"); v != 10 || err != nil {
		t.Errorf("%v, error %v", v, err)
	}
	if _, err := metric(page, "go_thread"); err == nil {
		t.Error("a metric was found that is not there")
	}
}
