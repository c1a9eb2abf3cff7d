package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func (c *client) pods(o *options) error {
	labels, err := o.labels()
	if err != nil {
		return err
	}
	state, err := o.state("SANDBOX_", "ready", "notready")
	if err != nil {
		return err
	}
	listed, err := c.runtime.ListPodSandbox(c.context, &cri.ListPodSandboxRequest{
		Filter: &cri.PodSandboxFilter{Id: o.last("id", ""), LabelSelector: labels},
	})
	if err != nil {
		return fmt.Errorf("listing pod sandboxes: %w", err)
	}
	found := slices.DeleteFunc(listed.Items, func(pod *cri.PodSandbox) bool {
		return !o.matches("name", pod.Metadata.Name) || !o.matches("namespace", pod.Metadata.Namespace) || state != "" && pod.State.String() != state
	})
	slices.SortFunc(found, func(a, b *cri.PodSandbox) int { return int(b.CreatedAt - a.CreatedAt) })
	if o.has("latest") && len(found) > 1 {
		found = found[:1]
	}
	if o.last("output", "table") == "json" {
		return printJSON(&cri.ListPodSandboxResponse{Items: found})
	}
	t := newTable(o, "POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")
	for _, pod := range found {
		ready := map[cri.PodSandboxState]string{cri.PodSandboxState_SANDBOX_READY: "Ready"}[pod.State]
		if ready == "" {
			ready = "NotReady"
		}
		t.row(pod.Id, ago(pod.CreatedAt), ready, pod.Metadata.Name, pod.Metadata.Namespace, fmt.Sprint(pod.Metadata.Attempt), "(default)")
	}
	t.print()
	return nil
}

// podID completes a shortened id.
func (c *client) podID(id string) (string, error) {
	listed, err := c.runtime.ListPodSandbox(c.context, &cri.ListPodSandboxRequest{})
	if err != nil {
		return "", err
	}
	for _, pod := range listed.Items {
		if strings.HasPrefix(pod.Id, id) {
			return pod.Id, nil
		}
	}
	return id, nil
}

func (c *client) inspectp(o *options) error {
	ids, err := o.ids()
	if err != nil {
		return err
	}
	for _, id := range ids {
		full, err := c.podID(id)
		if err != nil {
			return err
		}
		status, err := c.runtime.PodSandboxStatus(c.context, &cri.PodSandboxStatusRequest{PodSandboxId: full, Verbose: true})
		if err != nil {
			return fmt.Errorf("getting the status of the pod sandbox %q: %w", id, err)
		}
		if err := printStatus(status.Status, status.Info); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) stopp(o *options) error {
	return each(o, func(id string) error {
		full, err := c.podID(id)
		if err == nil {
			err = c.stopPod(full)
		}
		return err
	})
}

func (c *client) stopPod(id string) error {
	if _, err := c.runtime.StopPodSandbox(c.context, &cri.StopPodSandboxRequest{PodSandboxId: id}); err != nil {
		return fmt.Errorf("stopping the pod sandbox %q: %w", id, err)
	}
	fmt.Printf("Stopped sandbox %s\n", id)
	return nil
}

func (c *client) rmp(o *options) error {
	return each(o, func(id string) error {
		id, err := c.podID(id)
		if err != nil {
			return err
		}
		status, err := c.runtime.PodSandboxStatus(c.context, &cri.PodSandboxStatusRequest{PodSandboxId: id})
		if err != nil {
			return fmt.Errorf("getting sandbox status of pod %q: %w", id, err)
		}
		if status.Status.State == cri.PodSandboxState_SANDBOX_READY {
			if !o.has("force") {
				return fmt.Errorf("pod sandbox %q is running, please stop it first", id)
			}
			if err := c.stopPod(id); err != nil {
				return err
			}
		}
		if _, err := c.runtime.RemovePodSandbox(c.context, &cri.RemovePodSandboxRequest{PodSandboxId: id}); err != nil {
			return fmt.Errorf("removing the pod sandbox %q: %w", id, err)
		}
		fmt.Printf("Removed sandbox %s\n", id)
		return nil
	})
}

// each acts on all ids, also after one has failed.
func each(o *options, act func(id string) error) error {
	ids, err := o.ids()
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		failed = append(failed, act(id))
	}
	return errors.Join(failed...)
}
