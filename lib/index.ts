export { BackupTarget } from "./backup/backup-target";
export { BackupVolumeProps } from "./backup/local-target";
export { RegistryBackup } from "./backup/registry-backup";
export { BackupKeep, RegistryBackupOptions, RegistryBackupProps } from "./backup/registry-backup-props";
export { BackupS3Props } from "./backup/s3-target";
export { BackupSftpProps } from "./backup/sftp-target";
export { BackupContext, BackupTargetBinding } from "./backup/target-binding";
export { RegistryBrowser } from "./browser/registry-browser";
export { ExistingRedis, ExistingRedisProps } from "./cache/existing-redis";
export { RedisCache } from "./cache/redis-cache";
export { RedisCacheProps } from "./cache/redis-cache-props";
export { RedisConnection } from "./cache/redis-connection";
export { ClientTrust, ClientTrustProps } from "./client/client-trust";
export { FormerId } from "./core/former-id";
export { PublicEndpoint, PublicEndpointProps } from "./core/public-endpoint";
export { ConfigFile, ConfigVolume, ConfigVolumeProps } from "./docker/config-volume";
export { ContainerImage } from "./docker/container-image";
export { JsonFileLogProps, LogDriver } from "./docker/log-driver";
export { NetworkDescription, VolumeDescription } from "./docker/owned-resources";
export { RestartPolicy, ServiceContainerProps, VolumeMount } from "./docker/service-container";
export { GarbageCollection, GarbageCollectionProps } from "./maintenance/garbage-collection";
export { Retention, RetentionProps, RetentionRule } from "./maintenance/retention";
export { Schedule, Weekday } from "./maintenance/schedule";
export { RegistryAlerts } from "./metrics/alerts";
export { MetricsEndpoint, MetricsEndpointProps } from "./metrics/metrics-endpoint";
export { PrometheusServer } from "./metrics/prometheus-server";
export { PrometheusServerOptions, PrometheusServerProps } from "./metrics/prometheus-server-props";
export { RegistryMetrics, RegistryMetricsProps } from "./metrics/registry-metrics";
export { PrivateRegistry } from "./patterns/private-registry";
export { PrivateRegistryProps } from "./patterns/private-registry-props";
export { SwarmRegistry } from "./patterns/swarm-registry";
export { SwarmRegistryProps } from "./patterns/swarm-registry-props";
export { AccessLog, AccessLogVolumeProps } from "./proxy/access-log";
export { AuditLog, AuditLogVolumeProps } from "./proxy/audit-log";
export { NginxFragment, NginxLocation } from "./proxy/conf/fragment";
export { TlsProfile } from "./proxy/conf/tls";
export { NginxProxy } from "./proxy/nginx-proxy";
export { NginxProxyOptions, NginxProxyProps } from "./proxy/nginx-proxy-props";
export { IProxyAuth, IProxyPart, ProxyBinding, ProxyContext } from "./proxy/proxy-part";
export { BlobFiles, IRegistryBlobs } from "./registry/blobs";
export { DiskReserve } from "./registry/disk-reserve";
export { IImmutableTags, ImmutableTags } from "./registry/immutable-tags";
export { IRegistryMaintenance } from "./registry/maintenance-part";
export { IMetricsEndpoint, IRegistryMetrics, MetricsContext } from "./registry/metrics-part";
export { MetricsSource } from "./registry/metrics-source";
export { MirrorContainer, MirrorContainerProps } from "./registry/mirror-container";
export { MirrorUpstream } from "./registry/mirror-upstream";
export { IRepositoryQuotas } from "./registry/quotas";
export { IRegistry, RegistryUpstream } from "./registry/registry";
export { RegistryContainer } from "./registry/registry-container";
export { RegistryContainerProps } from "./registry/registry-container-props";
export { RegistryImage } from "./registry/registry-image";
export {
  RegistryListener,
  RegistryListenerBinding,
  TlsListenerProps,
} from "./registry/registry-listener";
export {
  IRegistryAuth,
  IRegistryCache,
  IRegistryPart,
  IRegistryUsers,
  RegistryBinding,
  RegistryContext,
} from "./registry/registry-part";
export { AccessRule, RegistryRights } from "./registry/registry-rights";
export { FilesystemStorageProps, RegistryStorage } from "./registry/registry-storage";
export { RepositoryQuota, RepositoryQuotaLimits } from "./registry/repository-quota";
export { S3StorageProps } from "./registry/s3-storage";
export {
  FileHealthCheck,
  HealthCheckTiming,
  HttpHealthCheck,
  RegistryHealth,
  StorageHealthCheck,
  TcpHealthCheck,
} from "./registry/settings/health";
export { RegistryHttpProps } from "./registry/settings/http";
export { MailHook, MailHookLevel, RegistryLog, RegistryLogFormatter, RegistryLogLevel } from "./registry/settings/log";
export { ImagePlatform, IndexPlatforms, ManifestValidation } from "./registry/settings/manifest-validation";
export { NotificationAction, NotificationEndpoint } from "./registry/settings/notifications";
export { RegistryTracing } from "./registry/settings/tracing";
export { UploadPurging } from "./registry/settings/upload-purging";
export { RegistryStatus } from "./registry/status";
export { MetricsService } from "./swarm/metrics-service";
export { MetricsServiceProps } from "./swarm/metrics-service-props";
export { NginxService } from "./swarm/nginx-service";
export { NginxServiceProps } from "./swarm/nginx-service-props";
export { RedisService } from "./swarm/redis-service";
export { RedisServiceProps } from "./swarm/redis-service-props";
export { RegistryService } from "./swarm/registry-service";
export { RegistryServiceProps } from "./swarm/registry-service-props";
export { ServicePlacement, ServiceUpdate, SwarmServiceOptions, UpdateOrder } from "./swarm/service-props";
export { Certificate, CertificateFromPemProps, ICertificate } from "./tls/certificate";
export { ICertificateAuthority } from "./tls/certificate-authority";
export { CertificateFollower, CertificateFollowerProps } from "./tls/certificate-follower";
export { CertificateFromFolderProps, CertificateFromVolumeProps } from "./tls/followed-certificate";
export { IssueCertificateProps, IssuedCertificate, IssuedCertificateProps } from "./tls/issued-certificate";
export { EcdsaCurve, KeyAlgorithm } from "./tls/key-algorithm";
export { SelfSignedCA, SelfSignedCAProps } from "./tls/self-signed-ca";
export { CertificateFiles, IServerCertificate } from "./tls/server-certificate";
export { HtpasswdAuth } from "./users/htpasswd-auth";
export { HtpasswdAuthProps } from "./users/htpasswd-auth-props";
export { HtpasswdEntry, HtpasswdUser } from "./users/htpasswd-user";
export { Access, GeneratedUserProps, HtpasswdUserProps } from "./users/htpasswd-user-props";
export { LoginPlace } from "./users/login-place";
export { Permission } from "./users/permission";
