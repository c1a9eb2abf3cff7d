package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// options are those before the first word; from there on everything is a word, as with the real one.
type options struct {
	values map[string][]string
	words  []string
}

// Long name of each option and of its short form, with whether it takes a value.
var known = map[string]struct {
	long     string
	hasValue bool
}{
	"runtime-endpoint": {"runtime-endpoint", true}, "r": {"runtime-endpoint", true},
	"image-endpoint": {"image-endpoint", true}, "i": {"image-endpoint", true},
	"timeout": {"timeout", true}, "t": {"timeout", true}, "config": {"config", true}, "c": {"config", true},
	"debug": {"debug", false}, "D": {"debug", false},
	"all": {"all", false}, "a": {"all", false}, "quiet": {"quiet", false}, "q": {"quiet", false},
	"force": {"force", false}, "f": {"force", false}, "latest": {"latest", false}, "l": {"latest", false},
	"no-trunc": {"no-trunc", false}, "sync": {"sync", false}, "s": {"state", true}, "state": {"state", true},
	"name": {"name", true}, "namespace": {"namespace", true}, "label": {"label", true}, "id": {"id", true},
	"pod": {"pod", true}, "p": {"pod", true}, "output": {"output", true}, "o": {"output", true}, "tail": {"tail", true},
	"exec s": {"sync", false},
}

// Which of them each command takes, by their long names; "" are those in front of the command. Any other is refused: what the real one
// does with it is not done here.
var taken = map[string]string{
	"":     "runtime-endpoint image-endpoint timeout config debug",
	"pods": "id name namespace label state latest quiet no-trunc output",
	"ps":   "id name namespace label state latest quiet no-trunc output all pod",
	"logs": "tail", "exec": "sync", "stop": "timeout", "rm": "force", "rmp": "force", "images": "quiet no-trunc output",
	"inspect": "output", "inspectp": "output", "info": "output",
}

// parse reads the options of a command, or those in front of it ("").
func parse(command string, arguments []string) (*options, error) {
	o := &options{values: map[string][]string{}}
	for i := 0; i < len(arguments); i++ {
		argument := arguments[i]
		if argument == "--" {
			o.words = arguments[i+1:]
			return o, nil
		}
		if len(argument) < 2 || argument[0] != '-' {
			o.words = arguments[i:]
			return o, nil
		}
		name, value, given := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		option, isKnown := known[command+" "+name]
		if !isKnown {
			option, isKnown = known[name]
		}
		if !isKnown || !slices.Contains(strings.Fields(taken[command]), option.long) {
			return nil, fmt.Errorf("flag provided but not defined: -%s (crictl of a lab node)", name)
		}
		if option.hasValue && !given {
			if i++; i >= len(arguments) {
				return nil, fmt.Errorf("flag needs an argument: -%s", name)
			}
			value = arguments[i]
		}
		o.values[option.long] = append(o.values[option.long], value)
	}
	return o, nil
}

// checkOutput refuses the formats that are not made here.
func (o *options) checkOutput() error {
	if output := o.last("output", "json"); output != "json" && output != "table" {
		return fmt.Errorf("crictl of a lab node has the output formats json and table, not %q", output)
	}
	return nil
}

func (o *options) has(name string) bool { return len(o.values[name]) > 0 }

func (o *options) last(name, fallback string) string {
	if values := o.values[name]; len(values) > 0 {
		return values[len(values)-1]
	}
	return fallback
}

func (o *options) labels() (map[string]string, error) {
	labels := map[string]string{}
	for _, label := range o.values["label"] {
		key, value, found := strings.Cut(label, "=")
		if !found {
			return nil, fmt.Errorf("incorrectly specified label: %s", label)
		}
		labels[key] = value
	}
	return labels, nil
}

// matches says whether a value fits the regular expression of an option; without the option everything does.
func (o *options) matches(name, value string) bool {
	pattern := o.last(name, "")
	if pattern == "" {
		return true
	}
	compiled, err := regexp.Compile(pattern)
	return err == nil && compiled.MatchString(value) // the real one lists nothing for a wrong pattern, too
}

// state is the value of --state as one of the CRI's names.
func (o *options) state(prefix string, names ...string) (string, error) {
	wanted := strings.ToLower(o.last("state", ""))
	if wanted == "" {
		return "", nil
	}
	if !slices.Contains(names, wanted) {
		last := len(names) - 1
		listed := names[last-1] + " or " + names[last]
		if last > 1 {
			listed = "one of " + strings.Join(names[:last-1], ", ") + ", " + listed
		}
		return "", fmt.Errorf("--state should be %s", listed)
	}
	return prefix + strings.ToUpper(wanted), nil
}

func (o *options) ids() ([]string, error) {
	if len(o.words) == 0 {
		return nil, fmt.Errorf("ID cannot be empty")
	}
	return o.words, nil
}
