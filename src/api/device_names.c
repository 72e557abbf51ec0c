/* SPDX-License-Identifier: Apache-2.0
 *
 * The names that `select` knows for a device: each top-level field with what can be
 * asked for below it. Names are the vendor's; clients send them. */
#include "api/device_names.h"

#include "base/auto.h"

#include <stdlib.h>

/* What is known about each application that is watched and repaired. */
#define WATCHED                                                            \
    "applicationName executionCompletedDateTimeUtc failedCount "           \
    "lastEventCountUpdatedDateTimeUtc lastKnownCorruptStatusDateTimeUtc "  \
    "lastKnownHealthyStatusDateTimeUtc lastUpdatedDateTimeUtc "            \
    "persistentEventCount reinstallCount repairCount repairStatus status " \
    "statusDetails trigger version"
/* What is known about each component of the agent. */
#define COMPONENT                                                   \
    "calcStatus featureType isEnabled lastDataReceivedDateTimeUtc " \
    "lastUpdatedDateTimeUtc policyUid status statusCode"

/* In the order of strcmp(). */
static const struct device_name {
    const char *top;
    const char *below; /* separated by blanks; "" = nothing */
} NAMES[] = {
    {"accountUid", ""},
    {"activeDirectoryData",
     "commonName domainComponent organizationalUnitName1 "
     "organizationalUnitName10 organizationalUnitName2 organizationalUnitName3 "
     "organizationalUnitName4 organizationalUnitName5 organizationalUnitName6 "
     "organizationalUnitName7 organizationalUnitName8 organizationalUnitName9"},
    {"agentStatus", ""},
    {"agentVersion", ""},
    {"aspInfo",
     "adbEnabled adbEnabledRisk bootloaderUnlock bootloaderUnlockRisk "
     "deviceEncrypted deviceEncryptedRisk deviceRooted deviceRootedRisk "
     "gmsCertified gmsCertifiedRisk googleAppVerificationFrequency "
     "googleAppVerificationFrequencyRisk googleAppVerificationLevel "
     "googleAppVerificationLevelRisk installedAvApps installedAvAppsRisk "
     "installedCloudApps installedCloudAppsRisk installedEmmApps "
     "installedEmmAppsRisk installedMtdApps installedMtdAppsRisk "
     "lastFactoryResetDays lastFactoryResetDaysRisk lastImeiChangeDays "
     "lastImeiChangeDaysRisk lastImsiChangeDays lastImsiChangeDaysRisk "
     "lastMacAddressChangeDays lastMacAddressChangeDaysRisk "
     "lastSecurityUpdateUTCRisk lockScreenProtection lockScreenProtectionRisk "
     "nonGoogleAppVerification nonGoogleAppVerificationRisk osVersionRisk "
     "romType romTypeRisk screenTimeoutSecs screenTimeoutSecsRisk "
     "sdCardEncrypted sdCardEncryptedRisk totalRiskScore unknownSourcesInstall "
     "unknownSourcesInstallRisk"},
    {"availablePhysicalRamBytes", ""},
    {"availableVirtualMemoryBytes", ""},
    {"avgMinutesInUse", ""},
    {"avpInfo", "antivirusDataReceivedDateTimeUtc antivirusDefinition "
                "antivirusDefinitionDateTimeUtc antivirusName antivirusVersion"},
    {"battery", "capacity estimatedChargeRemaining estimatedRunTime expectedLife id "
                "maxRechargeTime name serialNumber"},
    {"bios", "assetTag id language manufacturer releaseDateTimeUtc serialNumber "
             "smBiosMajorVersion smBiosMinorVersion smBiosVersion version versionDate"},
    {"bluetoothAdapters", "address description id isEnabled"},
    {"bootDevice", ""},
    {"bssId", ""},
    {"cameras", "description id isEnabled model name"},
    {"cdRoms", "description drive driver id manufacturer mediaLoaded mediaType name "
               "pnpDeviceId scsiTargetId status transferRate"},
    {"cellularModems", "currentNetworkName currentNetworkNumericCode description enabled "
                       "homeNetworkName homeNetworkNumericCode id imei imsi phoneNumber "
                       "simSerialNumber type"},
    {"chassisType", ""},
    {"classification", ""},
    {"cpu", "architecture busSpeed dataWidth gpuModel gpuSpeed id instructionSet "
            "l2CacheSize l2CacheSpeed l3CacheSize l3CacheSpeed logicalCores name "
            "physicalCores processorNumber processorSpeed"},
    {"ctesVersion", ""},
    {"currentNetworkName", ""},
    {"currentUsername", ""},
    {"customFields", "cdfFieldName cdfFieldValue cdfUid"},
    {"defaultGateway", ""},
    {"deviceFreezeActionStatus",
     "score statuses statuses.status statuses.status.extras "
     "statuses.status.extras.extra statuses.status.extras.key "
     "statuses.status.passcode statuses.status.score statuses.status.status "
     "statuses.status.updatedDateTimeUtc statuses.type"},
    {"deviceFreezeReportingStatuses", ""},
    {"deviceFreezeStatus",
     "changedDateTimeUtc displayPassCode displayStatusCode passCode statusCode "
     "statusName"},
    {"deviceGroupIds", ""},
    {"deviceName", ""},
    {"deviceStatus", "emailContacts reported type"},
    {"deviceUid", ""},
    {"dfStatus", COMPONENT},
    {"disks", "bytesPerSector description diskIndex fileSystem firmwareRevision id "
              "manufacturer mediaType model name numberOfPartitions sectorsPerTrack "
              "serialNumber sizeBytes status totalCylinders totalHeads totalSectors "
              "totalTracks totalTracksPerCylinder"},
    {"displays",
     "adapterDescription adapterRAM adapterType bitPerPixel depth driverVersion "
     "height horizontalResolution id manufacturer model name numberOfColors "
     "pnpDeviceId refreshRate resolution verticalResolution width"},
    {"dlpStatus", COMPONENT},
    {"domain", ""},
    {"duStatus", COMPONENT},
    {"esn", ""},
    {"espInfo",
     "allDrivesEncrypted encryptionAlgorithm encryptionKeySize "
     "encryptionProductName encryptionStatus encryptionStatusDescription "
     "encryptionVersion hardwareEncryption lastEncryptionDataReceivedDateTimeUtc"},
    {"espStatus", COMPONENT},
    {"firstCallDateTimeUtc", ""},
    {"freezePolicyUid", ""},
    {"fullSystemName", ""},
    {"geoData",
     "location location.accuracy location.geoAddress location.geoAddress.city "
     "location.geoAddress.country location.geoAddress.countryCode "
     "location.geoAddress.county location.geoAddress.state "
     "location.lastUpdateDateTimeUtc location.locationTechnology location.point "
     "location.point.coordinates location.point.type location.point.x "
     "location.point.y"},
    {"geoStatus", COMPONENT},
    {"gssSyncData",
     "chromebookStatus gacDeviceAnnotatedAssetId gacDeviceAnnotatedLocation "
     "gacDeviceAnnotatedUser gacDeviceAutoUpdateExpiration gacDeviceBootMode "
     "gacDeviceDeviceId gacDeviceLastSyncDateTimeUtc gacDeviceNotes "
     "gacDeviceOrgUnitPath gacDevicePlatformVersion gacDeviceStatus "
     "lastGssSyncDateTimeUtc recentUsers"},
    {"hdcStatus", COMPONENT},
    {"homeNetworkName", ""},
    {"imei", ""},
    {"imsi", ""},
    {"isCTESActive", ""},
    {"isStolen", ""},
    {"keyboards", "description driver id layout name numberOfFunctionKeys pnpDeviceId"},
    {"lastConnectedDateTimeUtc", ""},
    {"lastUpdatedDateTimeUtc", ""},
    {"latestEvent", "eventDateTimeUtc eventStatus"},
    {"licenseAddon", "endDateUtc id licenseName licenseType orderNo startDateUtc"},
    {"licenseBase", "endDateUtc id licenseName licenseType orderNo startDateUtc"},
    {"localIp", ""},
    {"localIpAddress", ""},
    {"locale", ""},
    {"memories",
     "id manufacturer partNumber serialNumber sizeBytes slot speed status type "
     "typeDetail"},
    {"networkAdapters",
     "adapterType defaultGateway dhcpEnabled dhcpLeaseExpires dhcpLeaseObtained "
     "dhcpServer dnsHostName id installed interfaceIndex ipSubnet ipV4Address "
     "ipV6Address lastReset macAddress manufacturer name networkSSID pnpDeviceId "
     "productType serviceName speed"},
    {"networkSSID", ""},
    {"operatingSystem",
     "architecture build csdVersion currentBuild edition editionId "
     "installDateTimeUtc lastBootDateTimeUtc lastSecureUpdatedDateTimeUtc "
     "manufacturer name otherOSDescription productKey rawName releaseId "
     "serialNumber servicePack ubr version windowsDirectory"},
    {"orgUnits", ""},
    {"origin", ""},
    {"pageFile", ""},
    {"pageFileSpaceBytes", ""},
    {"persistentAgentVersion", ""},
    {"phoneNumber", ""},
    {"platformOSType", ""},
    {"pointingDevices",
     "doubleSpeedThreshold handedness hardwareType id manufacturer name "
     "numberOfButtons pnpDeviceId powerManagementSupported status"},
    {"policyGroupName", ""},
    {"policyGroupUid", ""},
    {"printers", "driver id name port server share"},
    {"publicIp", ""},
    {"publicIpAddress", ""},
    {"rilSerialNumber", ""},
    {"rnrANYCONNECT", WATCHED},
    {"rnrAPSCCM", WATCHED},
    {"rnrActivTrak", WATCHED},
    {"rnrApexOne", WATCHED},
    {"rnrAranda", WATCHED},
    {"rnrAvastAntivirus", WATCHED},
    {"rnrBUFFERZONE", WATCHED},
    {"rnrBigFix", WATCHED},
    {"rnrBitLocker", WATCHED},
    {"rnrBtJumpClient", WATCHED},
    {"rnrCarbonBlack", WATCHED},
    {"rnrCarbonBlackEDR", WATCHED},
    {"rnrCiscoAMP", WATCHED},
    {"rnrCiscoUmbrella", WATCHED},
    {"rnrCitrixWorkspace", WATCHED},
    {"rnrCloudCodes", WATCHED},
    {"rnrCrowdStrike", WATCHED},
    {"rnrCylancePROTECT", WATCHED},
    {"rnrDeepArmor", WATCHED},
    {"rnrDeepInstinct", WATCHED},
    {"rnrDefenderATP", WATCHED},
    {"rnrDefenderAntivirus", WATCHED},
    {"rnrDellATP", WATCHED},
    {"rnrDellDG", WATCHED},
    {"rnrDellEncryption", WATCHED},
    {"rnrDellSupportAssistBusiness", WATCHED},
    {"rnrDellSupportAssistBusinessPCs", WATCHED},
    {"rnrDellTrustedDA", WATCHED},
    {"rnrECLYPSIUM", WATCHED},
    {"rnrEClinicalWorks", WATCHED},
    {"rnrESESTPAV", WATCHED},
    {"rnrESETEPAV", WATCHED},
    {"rnrF5VPN", WATCHED},
    {"rnrFireEye", WATCHED},
    {"rnrForcePointOneDLP", WATCHED},
    {"rnrForescoutSC", WATCHED},
    {"rnrFortiClientFabricAgent", WATCHED},
    {"rnrFortiClientVPN", WATCHED},
    {"rnrGlobalProtect", WATCHED},
    {"rnrHALCYONAR", WATCHED},
    {"rnrHPTechPulse", WATCHED},
    {"rnrIMTLazarus", WATCHED},
    {"rnrIVANTI", ""},
    {"rnrIVANTIPATCHW", WATCHED},
    {"rnrIVANTI_NEURO", WATCHED},
    {"rnrIntune", WATCHED},
    {"rnrIvantiSAC", WATCHED},
    {"rnrJumpCloudAgent", WATCHED},
    {"rnrKASEYA", WATCHED},
    {"rnrLANDesk", WATCHED},
    {"rnrLanScopeAnClient", WATCHED},
    {"rnrLenovoUDC", WATCHED},
    {"rnrLenovoVantage", WATCHED},
    {"rnrLightspeed", WATCHED},
    {"rnrMCAFEEAGENT", WATCHED},
    {"rnrMagicEndpoint", WATCHED},
    {"rnrMalwarebytes", WATCHED},
    {"rnrManageEngine", WATCHED},
    {"rnrMcAfeeDE", WATCHED},
    {"rnrNessus", WATCHED},
    {"rnrNetMotion", WATCHED},
    {"rnrNetSfere", WATCHED},
    {"rnrNetskope", WATCHED},
    {"rnrNorton", WATCHED},
    {"rnrOKTAVERIFY", WATCHED},
    {"rnrOPSWATClient", WATCHED},
    {"rnrOctopus", WATCHED},
    {"rnrPLURILOCK", WATCHED},
    {"rnrPersystent", WATCHED},
    {"rnrPixartMDM", WATCHED},
    {"rnrPulseVPN", WATCHED},
    {"rnrQualys", WATCHED},
    {"rnrRapid7", WATCHED},
    {"rnrSEPIOAGENT", WATCHED},
    {"rnrSYXSENSE", WATCHED},
    {"rnrSentinelOne", WATCHED},
    {"rnrSmartDeploy", WATCHED},
    {"rnrSmartEye", WATCHED},
    {"rnrSophosESC", WATCHED},
    {"rnrSymantecDLP", WATCHED},
    {"rnrSymantecEP", WATCHED},
    {"rnrSymantecMA", WATCHED},
    {"rnrTAEGIS", WATCHED},
    {"rnrTERAMIND", WATCHED},
    {"rnrTRUSTDELETE", WATCHED},
    {"rnrTanium", WATCHED},
    {"rnrUnowhyMDM", WATCHED},
    {"rnrVmwareHorizon", WATCHED},
    {"rnrWinMagic", WATCHED},
    {"rnrWorkspaceONE", WATCHED},
    {"rnrXDR", WATCHED},
    {"rnrXMCyber", WATCHED},
    {"rnrZIFTENZENITH", WATCHED},
    {"rnrZTEdge", WATCHED},
    {"rnrZscaler", WATCHED},
    {"rrCountSummary", "failedCount persistentEventCount reinstallCount repairCount"},
    {"rsvpStatus", "isStrongPasswordRequired isSupported status version"},
    {"sccmHealthTests", "repairResult testDescription testResultDetails testStatus"},
    {"sccmInfo", "deviceUid sccmDateOnStatusDateTimeUtc sccmDateReceivedDateTimeUtc "
                 "sccmLastKnownCorruptDateTimeUtc sccmLastKnownHealthyDateTimeUtc "
                 "sccmRepairOption sccmStatus"},
    {"sdcStatus", COMPONENT},
    {"serialNumber", ""},
    {"sounds", "driver id manufacturer name pnpDeviceId status"},
    {"src", ""},
    {"systemDirectory", ""},
    {"systemIntegrityProtectionStatus", ""},
    {"systemManufacturer", ""},
    {"systemModel", ""},
    {"systemType", ""},
    {"timeZone", ""},
    {"totalPhysicalRamBytes", ""},
    {"totalVirtualMemoryBytes", ""},
    {"unenrollmentDateTimeUtc", ""},
    {"usbs", "id manufacturer name pnpDeviceId"},
    {"username", ""},
    {"volumes", "boot compressed driveLetter fileSystem freeSpaceBytes id isPhysicalDisk "
                "mountPoint name serialNumber sizeBytes"},
};

static int
compare_top(const void *name, const void *row)
{
    const struct slice *top = name;
    const struct device_name *known = row;
    int order = strncmp((const char *)top->at, known->top, top->len);

    return order != 0 ? order : known->top[top->len] == '\0' ? 0 : -1;
}

bool
device_name_is_known(struct slice name)
{
    struct slice below = name;
    struct slice top = name;
    struct slice word;

    if (!slice_cut(&below, '.', &top))
        below = (struct slice){0};
    if (top.len == 0 || memchr(top.at, '\0', top.len) ||
        (top.len < name.len && !below.len))
        return false;
    const struct device_name *row =
        bsearch(&top, NAMES, COUNT_OF(NAMES), sizeof(NAMES[0]), compare_top);
    if (!row || top.len == name.len)
        return row != NULL;

    struct slice rest = slice_of(row->below);
    while (slice_cut(&rest, ' ', &word)) {
        if (slice_equal(word, below))
            return true;
    }
    return slice_equal(rest, below);
}
