import type { ContainerImage } from "../docker/container-image";
import type { ServiceContainerProps } from "../docker/service-container";
import type { IRegistry } from "../registry/registry";
import type { RegistryAlerts } from "./alerts";

/** What a Prometheus is to be, whatever it watches. */
export interface PrometheusServerOptions extends ServiceContainerProps {
  /**
   * When alerts fire.
   *
   * @default - as each of them says
   */
  readonly alerts?: RegistryAlerts;

  /**
   * Alertmanagers that are told of alerts, `host:port` each.
   *
   * @default - none: alerts are seen on Prometheus' own page
   */
  readonly alertmanagers?: string[];

  /**
   * Port of the engine's machine on which Prometheus is published. It asks for no password.
   *
   * @default - not published; who joins its network reaches port 9090
   */
  readonly publishPort?: number;

  /**
   * Address of the engine's machine on which it is published.
   *
   * @default "127.0.0.1"
   */
  readonly publishAddress?: string;

  /**
   * Seconds between two looks.
   *
   * @default 15
   */
  readonly scrapeSeconds?: number;

  /**
   * Days for which metrics are kept.
   *
   * @default 15
   */
  readonly retentionDays?: number;

  /**
   * Networks that it joins beside its own, as one that an Alertmanager is on.
   *
   * @default - none
   */
  readonly networkNames?: string[];

  /**
   * Prometheus' image, 2.42 or newer; it needs a shell, and curl or wget, as the maintainers' image has them.
   *
   * @default ContainerImage.PROMETHEUS
   */
  readonly image?: ContainerImage;
}

/** A Prometheus and the registries that it watches. */
export interface PrometheusServerProps extends PrometheusServerOptions {
  /** Registries with `metrics`. */
  readonly registries: IRegistry[];
}
