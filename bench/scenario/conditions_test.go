package scenario

import "testing"

func TestAProcessorIsToldFromAnotherOfItsName(t *testing.T) {
	for name, c := range map[string]struct{ cpuinfo, processor, machine string }{
		"a virtual machine's": {"processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\nstepping\t: 1\n", "AMD EPYC (family 26, model 2)", "amd-epyc-2-cores"},
		"the first of two":    {"model\t: 1\ncpu family\t: 25\nmodel name\t: A\n\nmodel\t: 2\ncpu family\t: 26\nmodel name\t: B\n", "A (family 25, model 1)", "a-2-cores"},
		"without numbers":     {"model name\t: Cortex-A72\nCPU part\t: 0xd08\n", "Cortex-A72", "cortex-a72-2-cores"},
	} {
		t.Run(name, func(t *testing.T) {
			text := []byte(c.cpuinfo)
			if got := processor(text); got != c.processor {
				t.Errorf("the processor is %q, want %q", got, c.processor)
			}
			if got := machineName(fieldOf(text, "model name"), 2); got != c.machine {
				t.Errorf("the machine is named %q, want %q", got, c.machine)
			}
		})
	}
}
