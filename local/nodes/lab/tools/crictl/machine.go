package main

import (
	"fmt"
	"strings"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func (c *client) version(*options) error {
	v, err := c.runtime.Version(c.context, &cri.VersionRequest{})
	if err != nil {
		return err
	}
	fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n", v.Version, v.RuntimeName, v.RuntimeVersion, v.RuntimeApiVersion)
	return nil
}

func (c *client) info(*options) error {
	status, err := c.runtime.Status(c.context, &cri.StatusRequest{Verbose: true})
	if err != nil {
		return err
	}
	return printStatus(status.Status, status.Info)
}

func (c *client) listImages(o *options) error {
	listed, err := c.images.ListImages(c.context, &cri.ListImagesRequest{})
	if err != nil {
		return fmt.Errorf("listing images: %w", err)
	}
	if o.last("output", "table") == "json" {
		return printJSON(listed)
	}
	t := newTable(o, "IMAGE ID", "IMAGE", "TAG", "SIZE")
	for _, image := range listed.Images {
		for _, tag := range image.RepoTags {
			colon := strings.LastIndex(tag, ":")
			t.row(strings.TrimPrefix(image.Id, "sha256:"), tag[:colon], tag[colon+1:], fmt.Sprintf("%.1fMB", float64(image.Size)/1e6))
		}
	}
	t.print()
	return nil
}
