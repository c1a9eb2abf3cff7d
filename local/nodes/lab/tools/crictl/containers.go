package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func (c *client) ps(o *options) error {
	labels, err := o.labels()
	if err != nil {
		return err
	}
	state, err := o.state("CONTAINER_", "created", "running", "exited", "unknown")
	if err != nil {
		return err
	}
	if state == "" && !o.has("all") && !o.has("latest") {
		state = cri.ContainerState_CONTAINER_RUNNING.String()
	}
	listed, err := c.runtime.ListContainers(c.context, &cri.ListContainersRequest{
		Filter: &cri.ContainerFilter{Id: o.last("id", ""), LabelSelector: labels},
	})
	if err != nil {
		return fmt.Errorf("listing containers: %w", err)
	}
	found := slices.DeleteFunc(listed.Containers, func(container *cri.Container) bool {
		return !o.matches("name", container.Metadata.Name) || state != "" && container.State.String() != state ||
			!o.matches("namespace", container.Labels["io.kubernetes.pod.namespace"]) || !strings.HasPrefix(container.PodSandboxId, o.last("pod", ""))
	})
	slices.SortFunc(found, func(a, b *cri.Container) int { return int(b.CreatedAt - a.CreatedAt) })
	if o.has("latest") && len(found) > 1 {
		found = found[:1]
	}
	if o.last("output", "table") == "json" {
		return printJSON(&cri.ListContainersResponse{Containers: found})
	}
	t := newTable(o, "CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")
	for _, container := range found {
		name := strings.TrimPrefix(container.State.String(), "CONTAINER_")
		labels := container.Labels
		t.row(container.Id, short(strings.TrimPrefix(container.Image.Image, "sha256:")), ago(container.CreatedAt), name[:1]+strings.ToLower(name[1:]),
			container.Metadata.Name, fmt.Sprint(container.Metadata.Attempt), short(container.PodSandboxId),
			labels["io.kubernetes.pod.name"], labels["io.kubernetes.pod.namespace"])
	}
	t.print()
	return nil
}

// containerID completes a shortened id.
func (c *client) containerID(id string) (string, error) {
	listed, err := c.runtime.ListContainers(c.context, &cri.ListContainersRequest{})
	if err != nil {
		return "", err
	}
	for _, container := range listed.Containers {
		if strings.HasPrefix(container.Id, id) {
			return container.Id, nil
		}
	}
	return id, nil
}

func (c *client) inspect(o *options) error {
	return each(o, func(id string) error {
		full, err := c.containerID(id)
		if err != nil {
			return err
		}
		status, err := c.runtime.ContainerStatus(c.context, &cri.ContainerStatusRequest{ContainerId: full, Verbose: true})
		if err != nil {
			return fmt.Errorf("getting the status of the container %q: %w", id, err)
		}
		return printStatus(status.Status, status.Info)
	})
}

// logs prints a container's log file without the runtime's prefix (time, stream, tag).
func (c *client) logs(o *options) error {
	ids, err := o.ids()
	if err != nil {
		return err
	}
	full, err := c.containerID(ids[0])
	if err != nil {
		return err
	}
	status, err := c.runtime.ContainerStatus(c.context, &cri.ContainerStatusRequest{ContainerId: full})
	if err != nil {
		return fmt.Errorf("getting container status: %w", err)
	}
	content, err := os.ReadFile(status.Status.LogPath)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if tail, err := strconv.Atoi(o.last("tail", "-1")); err == nil && tail >= 0 && tail < len(lines) {
		lines = lines[len(lines)-tail:]
	}
	for _, line := range lines {
		fields := strings.SplitN(line, " ", 4)
		if len(fields) < 4 {
			continue
		}
		to := os.Stdout
		if fields[1] == "stderr" {
			to = os.Stderr
		}
		fmt.Fprintln(to, fields[3])
	}
	return nil
}

// exec differs from the real one in that output comes at the end: it is not a stream.
func (c *client) exec(o *options) error {
	if len(o.words) < 2 {
		return fmt.Errorf("command cannot be empty")
	}
	full, err := c.containerID(o.words[0])
	if err != nil {
		return err
	}
	done, err := c.runtime.ExecSync(c.context, &cri.ExecSyncRequest{ContainerId: full, Cmd: o.words[1:]})
	if err != nil {
		return fmt.Errorf("execing command in container: %w", err)
	}
	os.Stdout.Write(done.Stdout)
	os.Stderr.Write(done.Stderr)
	if done.ExitCode != 0 {
		return fmt.Errorf("execing command in container: command terminated with exit code %d", done.ExitCode)
	}
	return nil
}

func (c *client) stop(o *options) error {
	seconds, err := strconv.ParseInt(o.last("timeout", "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("invalid value %q for flag -timeout: expected seconds", o.last("timeout", ""))
	}
	return each(o, func(id string) error {
		full, err := c.containerID(id)
		if err != nil {
			return err
		}
		if _, err := c.runtime.StopContainer(c.context, &cri.StopContainerRequest{ContainerId: full, Timeout: seconds}); err != nil {
			return fmt.Errorf("stopping the container %q: %w", id, err)
		}
		fmt.Println(id)
		return nil
	})
}

func (c *client) rm(o *options) error {
	return each(o, func(id string) error {
		full, err := c.containerID(id)
		if err != nil {
			return err
		}
		// The runtime itself would kill a running one without a word.
		status, err := c.runtime.ContainerStatus(c.context, &cri.ContainerStatusRequest{ContainerId: full})
		if err != nil {
			return fmt.Errorf("getting container status %q: %w", id, err)
		}
		if status.Status.State == cri.ContainerState_CONTAINER_RUNNING && !o.has("force") {
			return fmt.Errorf("container %q is running, please stop it first", id)
		}
		if _, err := c.runtime.RemoveContainer(c.context, &cri.RemoveContainerRequest{ContainerId: full}); err != nil {
			return fmt.Errorf("removing the container %q: %w", id, err)
		}
		fmt.Println(id)
		return nil
	})
}
