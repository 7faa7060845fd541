export { BackupTarget } from "./backup/backup-target";
export { BackupVolumeProps } from "./backup/local-target";
export { RegistryBackup } from "./backup/registry-backup";
export { BackupKeep, RegistryBackupOptions, RegistryBackupProps } from "./backup/registry-backup-props";
export { BackupS3Props } from "./backup/s3-target";
export { BackupSftpProps } from "./backup/sftp-target";
export { BackupContext, BackupTargetBinding } from "./backup/target-binding";
export { ExistingRedis, ExistingRedisProps } from "./cache/existing-redis";
export { RedisCache, RedisCacheProps } from "./cache/redis-cache";
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
export { MetricsEndpoint, MetricsEndpointProps } from "./metrics/metrics-endpoint";
export { RegistryMetrics, RegistryMetricsProps } from "./metrics/registry-metrics";
export { PrivateRegistry } from "./patterns/private-registry";
export { PrivateRegistryProps } from "./patterns/private-registry-props";
export { AccessLog, AccessLogVolumeProps } from "./proxy/access-log";
export { NginxFragment } from "./proxy/conf/fragment";
export { TlsProfile } from "./proxy/conf/tls";
export { NginxProxy } from "./proxy/nginx-proxy";
export { NginxProxyOptions, NginxProxyProps } from "./proxy/nginx-proxy-props";
export { IProxyAuth, IProxyPart, ProxyBinding, ProxyContext } from "./proxy/proxy-part";
export { BlobFiles, IRegistryBlobs } from "./registry/blobs";
export { DiskReserve } from "./registry/disk-reserve";
export { IRegistryMaintenance } from "./registry/maintenance-part";
export { IMetricsEndpoint, IRegistryMetrics, MetricsContext } from "./registry/metrics-part";
export { MirrorContainer, MirrorContainerProps } from "./registry/mirror-container";
export { MirrorUpstream } from "./registry/mirror-upstream";
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
export { Access, GeneratedUserProps, HtpasswdEntry, HtpasswdUser, HtpasswdUserProps } from "./users/htpasswd-user";
export { LoginPlace } from "./users/login-place";
export { Permission } from "./users/permission";
