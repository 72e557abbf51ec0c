/* SPDX-License-Identifier: Apache-2.0
 *
 * THE FIELD TABLE, and how a value becomes what its column holds. Which fields there are
 * and how each can be compared is the vendor's choice (clients rely on it); the columns
 * are in migrations/. */
#include "store/store_device_fields.h"

#include "base/date.h"
#include "base/number.h"
#include "base/utf8.h"
#include "store/fold.h"

#include <stdio.h>

#define IS         (1u << MATCH_IS)
#define NOT        (1u << MATCH_IS_NOT)
#define HAS        (1u << MATCH_CONTAINS)
#define STARTS     (1u << MATCH_STARTS)
#define NOT_STARTS (1u << MATCH_NOT_STARTS)
#define ENDS       (1u << MATCH_ENDS)
#define EMPTY      (1u << MATCH_EMPTY | 1u << MATCH_NOT_EMPTY)
#define DATES      (1u << MATCH_AFTER | 1u << MATCH_FROM | 1u << MATCH_BEFORE | 1u << MATCH_TO)
#define ENABLED    (1u << MATCH_BIT_ENABLED)
#define STOLEN     (1u << MATCH_BIT_STOLEN)
#define ALL                                                                   \
    (IS | NOT | HAS | STARTS | NOT_STARTS | ENDS | 1u << MATCH_NOT_CONTAINS | \
     1u << MATCH_NOT_ENDS)
#define T true
#define F false

/* name, column, path in the document, kind, ways to compare, sortable, telling, indexed
 */
/* clang-format off */
const struct device_field DEVICE_FIELDS[DEVICE_FIELD_COUNT] = {
    {"agentStatus", "d.agent_status", "agentStatus", FIELD_TEXT, IS | NOT | EMPTY, T, F, T},
    {"agentVersion", "d.agent_version", "agentVersion", FIELD_TEXT, IS | NOT, F, F, F},
    {"bootDevice", "d.boot_device", "bootDevice", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"bssId", "d.bss_id", "bssId", FIELD_TEXT, IS | NOT, F, F, F},
    {"classification", "d.classification", "classification", FIELD_TEXT, IS | NOT, F, F, F},
    {"ctesVersion", "d.ctes_version", "ctesVersion", FIELD_TEXT, IS | NOT, F, F, F},
    {"currentNetworkName", "d.current_network_name", "currentNetworkName", FIELD_TEXT, IS | NOT | EMPTY, F, F, F},
    {"currentUsername", "d.current_username", "currentUsername", FIELD_TEXT, IS | NOT | HAS | STARTS | NOT_STARTS | ENDS | EMPTY, F, F, F},
    {"defaultGateway", "d.default_gateway", "defaultGateway", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"deviceFreezeActionStatusScore", "d.device_freeze_action_status_score", "deviceFreezeActionStatus.score", FIELD_NUMBER, IS, F, F, F},
    {"deviceFreezeReportingStatuses", "d.device_freeze_reporting_statuses", "deviceFreezeReportingStatuses", FIELD_LIST, HAS, F, F, F},
    {"deviceFreezeStatusCode", "d.device_freeze_status_code", "deviceFreezeStatus.statusCode", FIELD_TEXT, IS, F, F, F},
    {"deviceName", "d.device_name", "deviceName", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS | EMPTY, T, T, T},
    {"deviceStatus", "d.device_status", "deviceStatus.type", FIELD_TEXT, IS | NOT, F, F, F},
    {"deviceUid", "d.device_uid", "deviceUid", FIELD_TEXT, IS | NOT, T, T, T},
    {"dfCalcStatus", "d.df_calc_status", "dfStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"dfComponentStatus", "d.df_component_status", "dfStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"dfStatus", "d.df_status", "dfStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"dlpCalcStatus", "d.dlp_calc_status", "dlpStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"dlpComponentStatus", "d.dlp_component_status", "dlpStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"dlpStatus", "d.dlp_status", "dlpStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"domain", "d.domain", "domain", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS | EMPTY, F, F, F},
    {"duCalcStatus", "d.du_calc_status", "duStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"duComponentStatus", "d.du_component_status", "duStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"duStatus", "d.du_status", "duStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"esn", "d.esn", "esn", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, T, T, T},
    {"espCalcStatus", "d.esp_calc_status", "espStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"espComponentStatus", "d.esp_component_status", "espStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"espStatus", "d.esp_status", "espStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"firstCallDateTimeUtc", "d.first_call_date_time_utc", "firstCallDateTimeUtc", FIELD_DATE, DATES, F, F, F},
    {"fullSystemName", "d.full_system_name", "fullSystemName", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS | EMPTY, T, T, T},
    {"geoCalcStatus", "d.geo_calc_status", "geoStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"geoComponentStatus", "d.geo_component_status", "geoStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"geoStatus", "d.geo_status", "geoStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"hdcCalcStatus", "d.hdc_calc_status", "hdcStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"hdcComponentStatus", "d.hdc_component_status", "hdcStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"hdcStatus", "d.hdc_status", "hdcStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"homeNetworkName", "d.home_network_name", "homeNetworkName", FIELD_TEXT, IS | NOT, F, F, F},
    {"imei", "d.imei", "imei", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"isCTESActive", "d.is_ctes_active", "isCTESActive", FIELD_TRUTH, IS | NOT, F, F, F},
    {"isStolen", "d.is_stolen", "isStolen", FIELD_TRUTH, STOLEN, F, F, F},
    {"lastConnectedDateTimeUtc", "d.last_connected_date_time_utc", "lastConnectedDateTimeUtc", FIELD_DATE, DATES, F, F, F},
    {"lastUpdatedDateTimeUtc", "d.last_updated_date_time_utc", "lastUpdatedDateTimeUtc", FIELD_DATE, DATES, T, F, T},
    {"licenseAddonLicenseName", "d.license_addon_license_name", "licenseAddon.licenseName", FIELD_LIST, IS | STARTS | NOT_STARTS, F, F, F},
    {"licenseAddonOrderNo", "d.license_addon_order_no", "licenseAddon.orderNo", FIELD_LIST, IS | STARTS | NOT_STARTS | EMPTY, F, F, F},
    {"licenseBaseLicenseName", "d.license_base_license_name", "licenseBase.licenseName", FIELD_LIST, IS | STARTS | NOT_STARTS, F, F, F},
    {"licenseBaseOrderNo", "d.license_base_order_no", "licenseBase.orderNo", FIELD_LIST, IS | STARTS | NOT_STARTS | EMPTY, F, F, F},
    {"locale", "d.locale", "locale", FIELD_TEXT, IS | NOT, F, F, F},
    {"localIp", "d.local_ip", "localIp", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"networkSSID", "d.network_ssid", "networkSSID", FIELD_TEXT, IS | NOT | EMPTY, F, F, F},
    {"operatingSystemName", "d.operating_system_name", "operatingSystem.name", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"orgUnits", "d.org_units", "orgUnits", FIELD_TEXT, IS | NOT | HAS, F, F, F},
    {"origin", "d.origin", "origin", FIELD_TEXT, IS | NOT, F, F, F},
    {"persistentAgentVersion", "d.persistent_agent_version", "persistentAgentVersion", FIELD_TEXT, IS | NOT, F, F, F},
    {"phoneNumber", "d.phone_number", "phoneNumber", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"platformOSType", "d.platform_os_type", "platformOSType", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, T, F, T},
    {"policyGroupName", "d.policy_group_name", "policyGroupName", FIELD_TEXT, IS | NOT, F, F, F},
    {"policyGroupUid", "d.policy_group_uid", "policyGroupUid", FIELD_TEXT, IS | NOT | EMPTY, F, F, F},
    {"publicIp", "d.public_ip", "publicIp", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"rilSerialNumber", "d.ril_serial_number", "rilSerialNumber", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"rsvpStatusIsStrongPasswordRequired", "d.rsvp_status_is_strong_password_required", "rsvpStatus.isStrongPasswordRequired", FIELD_TRUTH, IS, F, F, F},
    {"rsvpStatusIsSupported", "d.rsvp_status_is_supported", "rsvpStatus.isSupported", FIELD_TRUTH, IS, F, F, F},
    {"rsvpStatusStatus", "d.rsvp_status_status", "rsvpStatus.status", FIELD_TEXT, IS, F, F, F},
    {"rsvpStatusVersion", "d.rsvp_status_version", "rsvpStatus.version", FIELD_TEXT, IS, F, F, F},
    {"sdcCalcStatus", "d.sdc_calc_status", "sdcStatus.calcStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"sdcComponentStatus", "d.sdc_component_status", "sdcStatus.status", FIELD_TEXT, IS | NOT, F, F, F},
    {"sdcStatus", "d.sdc_status", "sdcStatus.isEnabled", FIELD_TRUTH, ENABLED, F, F, F},
    {"serialNumber", "d.serial_number", "serialNumber", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS | EMPTY, T, T, T},
    {"src", "d.src", "src", FIELD_TEXT, IS | NOT, F, F, F},
    {"systemDirectory", "d.system_directory", "systemDirectory", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"systemIntegrityProtectionStatus", "d.system_integrity_protection_status", "systemIntegrityProtectionStatus", FIELD_TEXT, IS | NOT, F, F, F},
    {"systemManufacturer", "d.system_manufacturer", "systemManufacturer", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, F, F, F},
    {"systemModel", "d.system_model", "systemModel", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, T, F, T},
    {"systemType", "d.system_type", "systemType", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS, T, F, T},
    {"timeZone", "d.time_zone", "timeZone", FIELD_TEXT, IS | NOT, F, F, F},
    {"unenrollmentDateTimeUtc", "d.unenrollment_date_time_utc", "unenrollmentDateTimeUtc", FIELD_DATE, DATES, F, F, F},
    {"username", "d.username", "username", FIELD_TEXT, IS | NOT | HAS | STARTS | NOT_STARTS | ENDS | EMPTY, F, F, F},
};

const struct device_field APPLICATION_FIELDS[APPLICATION_FIELD_COUNT] = {
    {"deviceUid", "d.device_uid", "deviceUid", FIELD_TEXT, IS, T, T, T},
    {"accountUid", "", "accountUid", FIELD_TEXT, 0, T, F, F},
    {"appName", "a.app_name", "appName", FIELD_TEXT, ALL, T, T, T},
    {"esn", "d.esn", "esn", FIELD_TEXT, ALL, T, T, T},
    {"deviceName", "d.device_name", "deviceName", FIELD_TEXT, ALL, T, T, T},
    {"deviceSerialNumber", "d.serial_number", "deviceSerialNumber", FIELD_TEXT, ALL, T, T, T},
    {"userName", "a.user_name", "userName", FIELD_TEXT, ALL, T, F, F},
    {"installPath", "a.install_path", "installPath", FIELD_TEXT, ALL, T, F, F},
    {"installDateTimeUtc", "a.install_date_time_utc", "installDateTimeUtc", FIELD_DATE, DATES, T, F, F},
    {"osName", "d.operating_system_name", "osName", FIELD_TEXT, ALL, T, F, F},
    {"major", "a.major", "major", FIELD_NUMBER, 0, T, F, F},
    {"minor", "a.minor", "minor", FIELD_NUMBER, 0, T, F, F},
    {"deviceAppId", "a.device_app_id", "deviceAppId", FIELD_TEXT, IS, T, F, F},
    {"appId", "a.app_id", "appId", FIELD_TEXT, IS, T, F, F},
    {"appOriginalName", "a.app_original_name", "appOriginalName", FIELD_TEXT, ALL, T, F, F},
    {"appPublisher", "a.app_publisher", "appPublisher", FIELD_TEXT, ALL, T, F, F},
    {"appOriginalPublisher", "a.app_original_publisher", "appOriginalPublisher", FIELD_TEXT, ALL, T, F, F},
    {"appVersion", "a.app_version", "appVersion", FIELD_TEXT, ALL, T, F, F},
    {"appOriginalVersion", "a.app_original_version", "appOriginalVersion", FIELD_TEXT, ALL, T, F, F},
    {"firstDetectDateTimeUtc", "a.first_detect_date_time_utc", "firstDetectDateTimeUtc", FIELD_DATE, DATES, T, F, F},
    {"lastScanDateTimeUtc", "a.last_scan_date_time_utc", "lastScanDateTimeUtc", FIELD_DATE, 0, T, F, F},
};
/* clang-format on */

static enum status
fold_text(struct slice value, struct buffer *out)
{
    unsigned char *room = buffer_reserve(out, value.len + 1);

    if (!room || !utf8_is(value) || !fold_case(value, (char *)room, value.len + 1))
        return STATUS_MALFORMED;
    out->len += value.len;
    return STATUS_OK;
}

static enum status
fold_date(struct slice value, struct buffer *out)
{
    char text[DATE_TIME_CHARS + 1];
    int64_t at_ms = 0;

    if (date_time_read(value, &at_ms) != STATUS_OK)
        return STATUS_MALFORMED;
    date_time_write(at_ms, text);
    buffer_add_text(out, text);
    return STATUS_OK;
}

static enum status
fold_number(struct slice value, struct buffer *out)
{
    int64_t number = 0;

    if (number_read(value, &number) != STATUS_OK || number < 0)
        return STATUS_MALFORMED;
    buffer_print(out, "%019lld", (long long)number);
    return STATUS_OK;
}

enum status
device_field_fold(enum field_kind kind, struct slice value, struct buffer *out)
{
    buffer_clear(out);
    if (value.len == 0)
        return STATUS_OK;
    switch (kind) {
    case FIELD_TEXT:
    case FIELD_LIST:
        return fold_text(value, out);
    case FIELD_DATE:
        return fold_date(value, out);
    case FIELD_NUMBER:
        return fold_number(value, out);
    case FIELD_TRUTH:
        if (slice_equal_nocase(value, SLICE("true")))
            buffer_add_text(out, "true");
        else if (slice_equal_nocase(value, SLICE("false")))
            buffer_add_text(out, "false");
        else
            return STATUS_MALFORMED;
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}
