export * from "./access-log";
export * from "./certificate";
export * from "./client-trust";
export * from "./config-volume";
export * from "./container-image";
export * from "./existing-redis";
export * from "./htpasswd-auth";
export * from "./htpasswd-user";
export * from "./issued-certificate";
export * from "./key-algorithm";
export * from "./log-driver";
export { ImagePlatform, IndexPlatforms, ManifestValidation } from "./manifest-validation";
export * from "./metrics-door";
export * from "./mirror-container";
export { MirrorUpstream } from "./mirror-upstream";
export * from "./nginx-fragment";
export * from "./nginx-proxy";
export { TlsProfile } from "./nginx-tls";
export * from "./proxy-binding";
export * from "./public-endpoint";
export * from "./redis-cache";
export { RedisConnection } from "./redis-connection";
export * from "./registry-binding";
export { BlobFiles, IRegistryBlobs } from "./registry-blobs";
export * from "./registry-container";
export {
  FileHealthCheck,
  HealthCheckTiming,
  HttpHealthCheck,
  RegistryHealth,
  StorageHealthCheck,
  TcpHealthCheck,
} from "./registry-health";
export { RegistryHttpProps } from "./registry-http";
export * from "./registry-image";
export * from "./registry-listener";
export { MailHook, MailHookLevel, RegistryLog, RegistryLogFormatter, RegistryLogLevel } from "./registry-log";
export { RegistryMetrics } from "./registry-metrics";
export { NotificationAction, NotificationEndpoint } from "./registry-notifications";
export * from "./registry-storage";
export { RegistryTracing } from "./registry-tracing";
export { S3StorageProps } from "./s3-storage";
export * from "./self-signed-ca";
export { RestartPolicy, ServiceContainerProps, VolumeMount } from "./service-container";
export { UploadPurging } from "./upload-purging";
